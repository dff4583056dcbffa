import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { ownedConnection } from '../../connections/owned-connection.js';
import type { RecordKind } from '../../contract/records.js';
import { query } from '../../database/query.js';
import { RECORD_TABLES } from '../../records/record-tables.js';
import { MERGE_ORIGIN } from '../../records/value-stamps.js';
import type { ValueStamp } from '../../records/value-stamps.js';
import { ProviderRegistry } from '../../registry/provider-registry.js';
import { AtsError } from '../../support/ats-error.js';
import type { RunKind } from '../../sync/sync-run-status.js';
import { changeBehind, readOwnChanges } from './own-changes.js';
import type { OwnChange } from './own-changes.js';
import type { RecordProvenance, ValueEvent, ValueProvenance } from './value-provenance.js';

interface StoredRecord {
  readonly id: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly first_run: string | null;
  readonly first_version: number | null;
  readonly created_ms: number;
  readonly value_changes: Readonly<Record<string, ValueStamp>> | null;
}

interface Run {
  readonly id: string;
  readonly kind: RunKind;
  readonly trigger: string;
}

interface Behind {
  readonly runs: ReadonlyMap<string, Run>;
  readonly changes: readonly OwnChange[];
  readonly atsName: string;
  readonly deliveryBefore: (learntAt: Date) => Promise<string | null>;
}

const NO_EVENT = { id: null, runKind: null, actorUserId: null } as const;

/** Why each value of a record is as it is. Every read is scoped by workspace. */
@Injectable()
export class Provenance {
  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
  ) {}

  /** @throws AtsError `not-found` for another workspace's connection and for a record that is not here. */
  async of(workspaceId: string, connectionId: string, kind: RecordKind, remoteId: string): Promise<RecordProvenance> {
    const em = this.em.fork();
    const { provider } = await ownedConnection(em, workspaceId, connectionId);
    const { table, columns } = RECORD_TABLES[kind];
    const names = Object.keys(columns);
    const [row] = await query<StoredRecord>(
      em,
      `select id, to_jsonb((select f from (select ${names.join(', ')}) f)) as fields, first_run, first_version::float8 as first_version,
         (extract(epoch from created_at) * 1000)::float8 as created_ms, value_changes
       from ${table} where connection_id = $1 and remote_id = $2 and tombstone is null`,
      [connectionId, remoteId],
    );
    if (row === undefined) {
      throw new AtsError('not-found', 'This record is not here. Ask …/explain with its id why it is not.');
    }
    const behind: Behind = {
      runs: await this.#runs(em, connectionId, row),
      changes: await readOwnChanges(em, kind, row.id),
      atsName: this.registry.has(provider) ? this.registry.get(provider).provider.manifest.name : provider,
      deliveryBefore: (learntAt) => deliveryBefore(em, connectionId, { kind, remoteId }, learntAt),
    };
    const values: ValueProvenance[] = [];
    for (const field of names) values.push(await provenanceOf(field, row, behind));
    return { kind, remoteId, id: row.id, values };
  }

  async #runs(em: EntityManager, connectionId: string, row: StoredRecord): Promise<ReadonlyMap<string, Run>> {
    const origins = Object.values(row.value_changes ?? {}).map(([origin]) => origin);
    const ids = [row.first_run, ...origins].filter((origin) => origin !== null && origin !== MERGE_ORIGIN);
    const runs = await query<Run>(
      em,
      `select id, kind, trigger from ats.sync_runs where connection_id = $1 and id = any($2::uuid[])`,
      [connectionId, [...new Set(ids)]],
    );
    return new Map(runs.map((run) => [run.id, run]));
  }
}

async function provenanceOf(field: string, row: StoredRecord, behind: Behind): Promise<ValueProvenance> {
  const changed = row.value_changes?.[field];
  const [origin, version, learntMs] = changed ?? [row.first_run, row.first_version ?? 0, Math.floor(row.created_ms)];
  const learntAt = new Date(learntMs);
  const first = changed === undefined;
  const readBack = !first && origin === null;
  const own = first ? undefined : changeBehind(behind.changes, field, learntAt, readBack);
  const elly = own?.confirmed === true;
  return {
    field,
    value: row.fields[field] ?? null,
    source: elly ? 'elly' : 'ats',
    sourceName: elly ? 'Elly' : behind.atsName,
    atsUpdatedAt: version > 0 ? new Date(version) : null,
    learntAt,
    event:
      own === undefined
        ? { ...(await atsEvent(origin, learntAt, behind)), first }
        : { kind: own.kind, id: own.id, runKind: null, actorUserId: own.actorUserId, first },
  };
}

async function atsEvent(origin: string | null, learntAt: Date, behind: Behind): Promise<Omit<ValueEvent, 'first'>> {
  if (origin === MERGE_ORIGIN) return { ...NO_EVENT, kind: 'merge' };
  const run = origin === null ? undefined : behind.runs.get(origin);
  if (run === undefined) return { ...NO_EVENT, kind: 'not-recorded' };
  const delivery = run.trigger === 'webhook' ? await behind.deliveryBefore(learntAt) : null;
  if (delivery !== null) return { kind: 'webhook', id: delivery, runKind: run.kind, actorUserId: null };
  return { kind: 'sync-run', id: run.id, runKind: run.kind, actorUserId: null };
}

/** The newest delivery that named the record by then; null when the inbox has forgotten it, or it named something else of the person. */
async function deliveryBefore(
  em: EntityManager,
  connectionId: string,
  named: { readonly kind: RecordKind; readonly remoteId: string },
  learntAt: Date,
): Promise<string | null> {
  const [delivery] = await query<{ id: string }>(
    em,
    `select id::text as id from ats.webhook_inbox where connection_id = $1 and received_at <= $2
       and (touched @> $3::jsonb or gone @> $3::jsonb) order by received_at desc limit 1`,
    [connectionId, new Date(learntAt.getTime() + 1), JSON.stringify([named])],
  );
  return delivery?.id ?? null;
}
