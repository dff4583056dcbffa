import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { RecordKind } from '../contract/records.js';
import { ownedConnection } from '../connections/owned-connection.js';
import { query } from '../database/query.js';
import { RECORD_TABLES } from '../records/record-tables.js';
import { AtsError } from '../support/ats-error.js';

/** One record as it is kept, or why it is not. */
export interface RecordAnswer {
  readonly kind: RecordKind;
  readonly remoteId: string;
  readonly state: 'here' | 'skipped' | 'quarantined' | 'gone';
  /** The library's id; null when it is not here. */
  readonly id: string | null;
  /** Why it is not here; null when it is. */
  readonly reason: string | null;
  /** The mapped fields, under their column names; null when it is not here. */
  readonly fields: Readonly<Record<string, unknown>> | null;
}

/** Looks one record up by its id in the ATS. Every read is scoped by workspace. */
@Injectable()
export class RecordLookup {
  constructor(private readonly em: EntityManager) {}

  /** @throws AtsError `not-found` when neither the record nor a reason for its absence is known. */
  async find(workspaceId: string, connectionId: string, kind: RecordKind, remoteId: string): Promise<RecordAnswer> {
    const em = this.em.fork();
    await ownedConnection(em, workspaceId, connectionId);
    const { table, columns, derived } = RECORD_TABLES[kind];
    const names = [...Object.keys(columns), ...Object.keys(derived ?? {}).filter((name) => name !== 'locator')];
    const [row] = await query<{ id: string; fields: Record<string, unknown> }>(
      em,
      `select id, to_jsonb((select f from (select ${names.join(', ')}) f)) as fields from ${table}
       where connection_id = $1 and remote_id = $2 and tombstone is null`,
      [connectionId, remoteId],
    );
    if (row !== undefined) return { kind, remoteId, state: 'here', id: row.id, reason: null, fields: row.fields };
    return this.#absence(em, connectionId, kind, remoteId);
  }

  async #absence(em: EntityManager, connectionId: string, kind: RecordKind, remoteId: string): Promise<RecordAnswer> {
    const [why] = await query<{ state: 'skipped' | 'quarantined' | 'gone'; reason: string }>(
      em,
      `select 'quarantined' as state, reason from ats.quarantined_records where connection_id = $1 and kind = $2 and row_key = $3
       union all
       select 'skipped', reason from ats.skipped_records where connection_id = $1 and kind = $2 and remote_id = $3
       union all
       select 'gone', tombstone from ${RECORD_TABLES[kind].table} where connection_id = $1 and remote_id = $3 and tombstone is not null`,
      [connectionId, kind, remoteId],
    );
    if (why === undefined)
      throw new AtsError(
        'not-found',
        'No sync has seen this record yet. If it exists in the ATS, the next sync brings it or says why not.',
      );
    return { kind, remoteId, id: null, fields: null, ...why };
  }
}
