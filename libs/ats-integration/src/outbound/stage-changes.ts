import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { isNarrowed } from '../connections/connection-settings.js';
import type { ConnectionSettings } from '../connections/connection-settings.js';
import { notConnected } from '../connections/credentials.js';
import { refuseSuspended } from '../connections/suspension.js';
import type { ApplicationStatus } from '../contract/records.js';
import { execute, query } from '../database/query.js';
import { writeEvents } from '../events/outbox.js';
import { HiringPipeline } from '../host/hiring-pipeline.port.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { AtsError } from '../support/ats-error.js';
import { Clock } from '../support/clock.js';
import { viewOf } from './change-history.js';
import type { StageChangeView } from './change-history.js';
import { ChangeWake } from './change-wake.js';
import { supersede } from './park-change.js';
import type { Rejection } from './resolve-target.js';
import { OPEN_STATUSES } from './stage-change-status.js';
import { standingOf } from './standing.js';
import type { Standing } from './standing.js';

export interface StageChangeRequest {
  readonly workspaceId: string;
  /** The library's id of the application, as `ApplicationChange.id` gave it. */
  readonly applicationId: string;
  /** The host's stage; one of the kind `rejected` or `hired` rejects or hires in the ATS. */
  readonly toStageId: string;
  /** The host's user. `email` finds the same person among the ATS's users, where moves are made in somebody's name. */
  readonly actor: { readonly userId: string; readonly email: string | null };
  /** For a stage of the kind `rejected`: one of the ATS's reasons, and a note. */
  readonly rejection?: Rejection;
}

interface ApplicationRow {
  readonly remote_id: string;
  readonly tombstone: string | null;
  readonly status: ApplicationStatus;
  readonly stage_remote_id: string | null;
  readonly job_remote_id: string | null;
  readonly version: number;
  readonly connection_id: string;
  readonly provider: string;
  readonly epoch: number;
  readonly connection_status: string;
  readonly status_reason: string | null;
  readonly settings: ConnectionSettings;
}

/** Moves that somebody makes in the host, on their way to the ATS: asked for in the host's transaction, sent after it. */
@Injectable()
export class StageChanges {
  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
    private readonly waking: ChangeWake,
    @Inject(HiringPipeline) private readonly pipeline: HiringPipeline,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /**
   * Asks for a move. With the host's `em` it stands or falls with the host's transaction: call it before you write your
   * own row of the application, since a page of a sync takes ours before yours. A newer move takes the place of an older
   * one that was not sent yet.
   * @throws AtsError `not-found` (another workspace's too), `application-gone`, `read-only-field` when the ATS takes no such
   * move, `unknown-stage`, `not-connected`, `suspended`
   */
  request(request: StageChangeRequest, em: EntityManager = this.em.fork()): Promise<StageChangeView> {
    return em.isInTransaction()
      ? this.#request(request, em)
      : em.transactional((inner) => this.#request(request, inner));
  }

  async #request(request: StageChangeRequest, em: EntityManager): Promise<StageChangeView> {
    const application = await lockedApplication(em, request);
    await this.#assertPossible(application, request);
    const now = this.clock.now();
    const { applicationId, workspaceId, toStageId } = request;
    const before = await supersedeUnsent(em, applicationId, now);
    const id = uuidv7();
    const { connection_id: connectionId, provider } = application;
    await execute(
      em,
      `insert into ats.stage_changes (id, connection_id, workspace_id, epoch, application_id, application_remote_id, status, to_stage_id,
         rejection, actor_user_id, actor_email, baseline, requested_at)
       values ($1, $2, $3, $4, $5, $6, 'pending', $7, $8::jsonb, $9, $10, $11::jsonb, $12)`,
      [
        id,
        connectionId,
        workspaceId,
        application.epoch,
        applicationId,
        application.remote_id,
        toStageId,
        request.rejection === undefined ? null : JSON.stringify(request.rejection),
        request.actor.userId,
        request.actor.email,
        JSON.stringify(before ?? seenOf(application)),
        now,
      ],
    );
    // Where the host has it from now on; a page does not undo it while the move is open.
    await execute(em, `update ats.applications set host_stage_id = $2, placed_how = 'mapped' where id = $1`, [
      applicationId,
      toStageId,
    ]);
    await writeEvents(em, { workspaceId, connectionId, provider }, now, [
      { type: 'stage-change.requested', changeId: id, applicationId },
    ]);
    this.waking.whenCommitted(em, [applicationId]);
    return viewOf(em, id);
  }

  async #assertPossible(application: ApplicationRow, { workspaceId, toStageId }: StageChangeRequest): Promise<void> {
    const { stageChanges, manifest } = this.registry.get(application.provider).provider;
    if (application.tombstone !== null) {
      throw new AtsError('application-gone', `${manifest.name} no longer has this application, so it cannot be moved.`);
    }
    refuseSuspended({ status: application.connection_status, status_reason: application.status_reason });
    // One that waits for a sign-in takes moves: they go out after it.
    if (!['active', 'reconnect_required'].includes(application.connection_status)) throw notConnected();
    const readOnly = (what: string): AtsError =>
      new AtsError(
        'read-only-field',
        `stage of this application comes from ${manifest.name}, and ${manifest.name} ${what}. Move it there: the next sync brings it here.`,
        { details: { fields: ['stage'], provider: application.provider } },
      );
    if (stageChanges === undefined) throw readOnly('takes no moves from Elly');
    const { settings } = application;
    const isLeftAlone = (field: string): boolean => isNarrowed(settings, 'application', field);
    const stage = (await this.pipeline.stages(workspaceId)).find(({ id }) => id === toStageId);
    if (stage === undefined)
      throw new AtsError('unknown-stage', `There is no stage "${toStageId}" in this workspace's pipeline.`);
    const isByStatus = stage.kind === 'rejected' || stage.kind === 'hired';
    if (isLeftAlone(isByStatus ? 'status' : 'stageRemoteId')) {
      throw readOnly(`is to take no ${isByStatus ? 'rejections and hires' : 'moves'}, as this connection is set`);
    }
    if (stage.kind === 'rejected' && !stageChanges.moves.includes('reject')) throw readOnly('takes no rejections');
    if (stage.kind === 'hired' && !stageChanges.moves.includes('hire')) throw readOnly('takes no hires');
  }
}

/** @throws AtsError `not-found` */
async function lockedApplication(em: EntityManager, request: StageChangeRequest): Promise<ApplicationRow> {
  const [row] = await query<ApplicationRow>(
    em,
    `select a.remote_id, a.tombstone, a.status, a.stage_remote_id, a.job_remote_id, a.version::float8 as version, a.connection_id,
       c.provider, c.epoch, c.status as connection_status, c.status_reason, c.settings
     from ats.applications a join ats.connections c on c.id = a.connection_id
     where a.id = $1 and c.workspace_id = $2 for no key update of a`,
    [request.applicationId, request.workspaceId],
  );
  if (row === undefined) throw new AtsError('not-found', 'There is no such application in this workspace.');
  return row;
}

/**
 * Takes back what was not sent yet. What may have reached the ATS stays in front: it is made sure of first. Returns
 * what the first of them went out from: the host showed none of them where the ATS had it.
 */
async function supersedeUnsent(em: EntityManager, applicationId: string, now: Date): Promise<Standing | null> {
  // Locked before it is asked what may have gone out: a statement that had waited for the lock would not see it.
  const open = await query<{ id: string }>(
    em,
    `select id from ats.stage_changes where application_id = $1 and status = any($2) order by nth for update`,
    [applicationId, [...OPEN_STATUSES]],
  );
  if (open.length === 0) return null;
  const unsent = await query<{ id: string; baseline: Standing }>(
    em,
    `select id, baseline from ats.stage_changes s where id = any($1::uuid[])
       and not exists (select 1 from ats.stage_change_attempts t where t.change_id = s.id and t.outcome is null) order by nth`,
    [open.map(({ id }) => id)],
  );
  for (const { id } of unsent) await supersede(em, id, now);
  return unsent[0]?.baseline ?? null;
}

function seenOf(application: ApplicationRow): Standing {
  return standingOf({
    status: application.status,
    stageRemoteId: application.stage_remote_id,
    jobRemoteId: application.job_remote_id,
    updatedAt: application.version === 0 ? null : new Date(application.version),
  });
}
