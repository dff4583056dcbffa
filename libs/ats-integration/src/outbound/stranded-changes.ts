import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { query } from '../database/query.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { SettleChange, lockApplication } from './settle-change.js';
import { OPEN_STATUSES } from './stage-change-status.js';

interface StrandedRow {
  readonly id: string;
  readonly to_stage_id: string;
  readonly application_id: string;
  readonly remote_id: string;
  readonly candidate_remote_id: string;
  readonly job_remote_id: string | null;
  readonly connection_id: string;
  readonly workspace_id: string;
  readonly provider: string;
}

const MOST_AT_ONCE = 200;

/** Changes of a connection that ended: nobody can send them any more, and whoever moved is told. */
@Injectable()
export class StrandedChanges {
  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
    private readonly settling: SettleChange,
  ) {}

  async refuse(): Promise<void> {
    const rows = await query<StrandedRow>(
      this.em.fork(),
      `select s.id, s.to_stage_id, s.application_id, a.remote_id, a.candidate_remote_id, a.job_remote_id, s.connection_id,
         s.workspace_id, c.provider
       from ats.stage_changes s join ats.connections c on c.id = s.connection_id join ats.applications a on a.id = s.application_id
       where s.status = any($1) and (c.status = 'disconnected' or c.epoch <> s.epoch) order by s.nth limit $2`,
      [[...OPEN_STATUSES], MOST_AT_ONCE],
    );
    for (const row of rows) await this.#refuse(row);
  }

  async #refuse(row: StrandedRow): Promise<void> {
    const { name } = this.registry.get(row.provider).provider.manifest;
    await this.em.fork().transactional(async (em) => {
      await lockApplication(em, row.application_id);
      const [open] = await query<{ attempt: string | null }>(
        em,
        `select (select id from ats.stage_change_attempts t where t.change_id = s.id and t.outcome is null) as attempt
         from ats.stage_changes s where s.id = $1 and s.status = any($2) for update`,
        [row.id, [...OPEN_STATUSES]],
      );
      if (open === undefined) return;
      const { attempt } = open;
      const why =
        attempt === null
          ? `${name} was disconnected before the move was sent.`
          : `${name} was disconnected while the move was being sent, so nobody can tell whether it happened there. Look at it in ${name}.`;
      await this.settling.finish(
        em,
        {
          id: row.id,
          toStageId: row.to_stage_id,
          application: {
            id: row.application_id,
            remoteId: row.remote_id,
            candidateRemoteId: row.candidate_remote_id,
            jobRemoteId: row.job_remote_id,
          },
          connection: { id: row.connection_id, workspaceId: row.workspace_id, provider: row.provider },
        },
        {
          status: 'refused',
          code: 'disconnected',
          reason: `${why} The application is back where ${name} had it last.`,
          state: null,
          atTarget: false,
          attempt: attempt === null ? null : { id: attempt, outcome: 'unclear' },
        },
      );
    });
  }
}
