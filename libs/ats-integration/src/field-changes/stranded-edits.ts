import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { query } from '../database/query.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { OPEN_FIELD_CHANGES } from './field-change-status.js';
import { readOpenFields } from './field-claims.js';
import { SettleFields, lockCandidate } from './settle-fields.js';

interface StrandedRow {
  readonly id: string;
  readonly candidate_id: string;
  readonly candidate_remote_id: string;
  readonly connection_id: string;
  readonly workspace_id: string;
  readonly provider: string;
  readonly erased: boolean;
}

const MOST_AT_ONCE = 200;
const ERASED = `(t.id is null or t.anonymised or t.tombstone is not distinct from 'anonymised')`;

/** Edits whose connection ended, or of somebody whom the ATS erased: nobody can send them any more, and what was typed is forgotten. */
@Injectable()
export class StrandedEdits {
  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
    private readonly settling: SettleFields,
  ) {}

  async refuse(): Promise<void> {
    const rows = await query<StrandedRow>(
      this.em.fork(),
      `select s.id, s.candidate_id, s.candidate_remote_id, s.connection_id, s.workspace_id, c.provider,
         ${ERASED} as erased
       from ats.field_changes s join ats.connections c on c.id = s.connection_id left join ats.candidates t on t.id = s.candidate_id
       where s.status = any($1)
         and (c.status = 'disconnected' or c.epoch <> s.epoch or ${ERASED})
       order by s.nth limit $2`,
      [[...OPEN_FIELD_CHANGES], MOST_AT_ONCE],
    );
    for (const row of rows) await this.#refuse(row);
  }

  async #refuse(row: StrandedRow): Promise<void> {
    const { name } = this.registry.get(row.provider).provider.manifest;
    await this.em.fork().transactional(async (em) => {
      await lockCandidate(em, row.candidate_id);
      // Whoever works on it finds that it is no longer theirs.
      const [open] = await query<{ attempt: string | null }>(
        em,
        `update ats.field_changes s set fence = s.fence + 1 where s.id = $1 and s.status = any($2)
         returning (select id from ats.field_change_attempts t where t.change_id = s.id and t.outcome is null) as attempt`,
        [row.id, [...OPEN_FIELD_CHANGES]],
      );
      if (open === undefined) return;
      const { attempt } = open;
      const { code, reason } = row.erased
        ? { code: 'anonymised', reason: `${name} erased this person, and nothing of them can be edited any more.` }
        : { code: 'disconnected', reason: disconnectedWhile(name, attempt !== null) };
      const fields = (await readOpenFields(em, row.id)).map(
        ({ field }) => ({ field, status: 'refused', code, reason }) as const,
      );
      await this.settling.finish(
        em,
        {
          id: row.id,
          candidate: { id: row.candidate_id, remoteId: row.candidate_remote_id },
          connection: { id: row.connection_id, workspaceId: row.workspace_id, provider: row.provider },
        },
        { fields, shown: null, attempt: attempt === null ? null : { id: attempt, outcome: 'unclear' } },
      );
    });
  }
}

function disconnectedWhile(name: string, sending: boolean): string {
  const why = sending
    ? `${name} was disconnected while the edit was being sent, so nobody can tell whether it came there. Look at the candidate in ${name}.`
    : `${name} was disconnected before the edit was sent.`;
  return `${why} The candidate shows what ${name} had last.`;
}
