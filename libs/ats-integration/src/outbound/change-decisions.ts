import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { ownedConnection } from '../connections/owned-connection.js';
import { execute, query } from '../database/query.js';
import { batchOf } from '../host/batch-of.js';
import { HiringPipeline } from '../host/hiring-pipeline.port.js';
import { readApplication } from '../records/read-applications.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { AtsError } from '../support/ats-error.js';
import { viewOf } from './change-history.js';
import type { StageChangeView } from './change-history.js';
import type { Rejection } from './resolve-target.js';
import { SettleChange, lockApplication } from './settle-change.js';
import type { ChangeStatus } from './stage-change-status.js';
import { StageChanges } from './stage-changes.js';

export interface Decider {
  readonly workspaceId: string;
  readonly userId: string;
}

interface ChangeRow {
  readonly id: string;
  readonly status: ChangeStatus;
  readonly to_stage_id: string;
  readonly rejection: Rejection | null;
  readonly actor_user_id: string;
  readonly actor_email: string | null;
  readonly application_id: string;
  readonly remote_id: string;
  readonly candidate_remote_id: string;
  readonly job_remote_id: string | null;
  readonly being_sent: boolean;
}

/** What a person may do about a move that waits or was refused. */
@Injectable()
export class ChangeDecisions {
  constructor(
    private readonly em: EntityManager,
    private readonly changes: StageChanges,
    private readonly settling: SettleChange,
    private readonly registry: ProviderRegistry,
    @Inject(HiringPipeline) private readonly pipeline: HiringPipeline,
  ) {}

  /**
   * A refused move once more, or a parked one now: a new change, and the application stands in the host where it was moved
   * to. With a reason, where it was refused for the want of one.
   * @throws AtsError `not-found`, `not-possible-now`, and what `StageChanges.request` throws
   */
  async retry(by: Decider, connectionId: string, changeId: string, rejection?: Rejection): Promise<StageChangeView> {
    const { provider } = await ownedConnection(this.em.fork(), by.workspaceId, connectionId);
    return this.em.fork().transactional(async (em) => {
      const change = await this.#locked(em, connectionId, changeId);
      if (change.status !== 'refused' && change.status !== 'parked') throw notPossible(change.status, 'tried again');
      const mine = change.actor_user_id === by.userId;
      const view = await this.changes.request(
        {
          workspaceId: by.workspaceId,
          applicationId: change.application_id,
          toStageId: change.to_stage_id,
          actor: { userId: by.userId, email: mine ? change.actor_email : null },
          ...withRejection(rejection ?? change.rejection),
        },
        em,
      );
      const stored = await readApplication(em, change.application_id);
      if (stored !== null) {
        const { manifest } = this.registry.get(provider).provider;
        const { record, candidateId, jobId } = stored;
        const placement = { stageId: change.to_stage_id, how: 'mapped' } as const;
        const application = {
          id: change.application_id,
          created: false,
          record,
          candidateId,
          jobId,
          placement,
          correction: null,
        };
        await this.pipeline.apply(
          batchOf({ id: connectionId, workspaceId: by.workspaceId }, manifest, { applications: [application] }),
          em,
        );
      }
      return view;
    });
  }

  /**
   * Takes a move back that was not sent; the application goes back to where the ATS has it.
   * @throws AtsError `not-found`, `not-possible-now`
   */
  async cancel(by: Decider, connectionId: string, changeId: string): Promise<StageChangeView> {
    const { id, provider } = await ownedConnection(this.em.fork(), by.workspaceId, connectionId);
    const { name } = this.registry.get(provider).provider.manifest;
    return this.em.fork().transactional(async (em) => {
      const change = await this.#locked(em, connectionId, changeId);
      const open = change.status === 'pending' || change.status === 'parked' || change.status === 'sending';
      if (!open || change.being_sent) throw notPossible(change.status, 'taken back');
      // A worker that looks at it now finds that it is no longer its own.
      await execute(em, `update ats.stage_changes set fence = fence + 1 where id = $1`, [change.id]);
      await this.settling.finish(
        em,
        {
          id: change.id,
          toStageId: change.to_stage_id,
          application: {
            id: change.application_id,
            remoteId: change.remote_id,
            candidateRemoteId: change.candidate_remote_id,
            jobRemoteId: change.job_remote_id,
          },
          connection: { id, workspaceId: by.workspaceId, provider },
        },
        {
          status: 'refused',
          code: 'cancelled',
          reason: `The move was taken back before it was sent. The application is where ${name} has it.`,
          state: null,
          atTarget: false,
          attempt: null,
        },
      );
      return viewOf(em, change.id);
    });
  }

  async #locked(em: EntityManager, connectionId: string, changeId: string): Promise<ChangeRow> {
    const [found] = await query<{ application_id: string }>(
      em,
      `select application_id from ats.stage_changes where id = $1 and connection_id = $2`,
      [changeId, connectionId],
    );
    if (found === undefined) throw new AtsError('not-found', 'There is no such stage change on this connection.');
    await lockApplication(em, found.application_id);
    await query(em, `select 1 from ats.stage_changes where id = $1 for update`, [changeId]);
    const [row] = await query<ChangeRow>(
      em,
      `select s.id, s.status, s.to_stage_id, s.rejection, s.actor_user_id, s.actor_email, s.application_id, a.remote_id,
         a.candidate_remote_id, a.job_remote_id,
         exists (select 1 from ats.stage_change_attempts t where t.change_id = s.id and t.outcome is null) as being_sent
       from ats.stage_changes s join ats.applications a on a.id = s.application_id where s.id = $1`,
      [changeId],
    );
    if (row === undefined) throw new AtsError('not-found', 'There is no such stage change on this connection.');
    return row;
  }
}

function withRejection(rejection: Rejection | null): { readonly rejection?: Rejection } {
  return rejection === null ? {} : { rejection };
}

function notPossible(status: ChangeStatus, what: string): AtsError {
  return new AtsError('not-possible-now', `This move cannot be ${what}: it is ${WORDS[status]}.`);
}

const WORDS: Readonly<Record<ChangeStatus, string>> = {
  pending: 'about to be sent',
  sending: 'being sent',
  confirmed: 'done',
  refused: 'refused already',
  parked: 'waiting for its stage to be mapped',
  superseded: 'replaced by a newer one',
};
