import { setImmediate } from 'node:timers/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { ProviderPage } from '../contract/page.js';
import { RECORD_KINDS } from '../contract/records.js';
import type { RecordKind } from '../contract/records.js';
import { encodeRows, inWritingOrder } from '../records/encode-rows.js';
import type { EncodedRows } from '../records/encode-rows.js';
import { serialiseRecord } from '../records/serialise-row.js';
import type { SerialisedRecords, SerialisedRow } from '../records/serialise-row.js';
import { storablePage } from '../records/storable.js';
import { ROWS_PER_STATEMENT, isChanged, readKnown } from '../records/upsert-records.js';
import type { KnownRow } from '../records/upsert-records.js';
import type { RunIndex } from './run-index.js';
import type { TimedPage } from './timed-page.js';

/** A page with all that can be done for it before its transaction begins. */
export interface PreparedPage extends TimedPage {
  readonly serialised: SerialisedRecords;
  /** The rows of each kind that are to be written, as far as is known yet. */
  readonly encoded: ReadonlyMap<RecordKind, EncodedRows>;
  /** What the tables hold of its records. May be a page old: the statement that writes checks versions and hashes itself. */
  readonly known: ReadonlyMap<RecordKind, ReadonlyMap<string, KnownRow>>;
}

const SERIALISED_AT_ONCE = 20;

/** Serialises each page and looks up what is here of it, while the database writes the page before. */
export async function* preparePages(
  em: EntityManager,
  connectionId: string,
  pages: AsyncIterable<ProviderPage>,
  index: RunIndex,
  now: () => Date,
): AsyncGenerator<PreparedPage> {
  for await (const { page: given, ...moments } of timed(pages, now)) {
    const page = storablePage(given);
    const [known, serialised] = await Promise.all([lookUp(em.fork(), connectionId, page, index), serialise(page)]);
    yield { page, known, serialised, encoded: encode(page, known, serialised), ...moments };
  }
}

async function* timed(pages: AsyncIterable<ProviderPage>, now: () => Date): AsyncGenerator<TimedPage> {
  let [askedAt, askedTick] = [now(), performance.now()];
  for await (const page of pages) {
    yield { page, askedAt, askedTick, servedTick: performance.now() };
    [askedAt, askedTick] = [now(), performance.now()];
  }
}

async function serialise(page: ProviderPage): Promise<SerialisedRecords> {
  const serialised: SerialisedRecords = new WeakMap();
  for (let start = 0; start < page.records.length; start += SERIALISED_AT_ONCE) {
    // A little at a time: what the page before has to say to the database goes out in between.
    await setImmediate();
    const slice = page.records.slice(start, start + SERIALISED_AT_ONCE);
    for (const record of slice) serialised.set(record, serialiseRecord(record));
  }
  return serialised;
}

function encode(
  page: ProviderPage,
  known: PreparedPage['known'],
  serialised: SerialisedRecords,
): PreparedPage['encoded'] {
  const rows = new Map<RecordKind, Map<string, SerialisedRow>>();
  for (const record of page.records) {
    const row = serialised.get(record);
    if (row === undefined) continue;
    const ofKind = rows.get(record.kind) ?? new Map<string, SerialisedRow>();
    rows.set(record.kind, ofKind.set(row.remoteId, row));
  }
  const encoded = new Map<RecordKind, EncodedRows>();
  for (const [kind, ofKind] of rows) {
    const changed = [...ofKind.values()].filter((row) => {
      const old = known.get(kind)?.get(row.remoteId);
      return old === undefined || isChanged(row, old);
    });
    // More than one statement's are not worth the case.
    if (changed.length > 0 && changed.length <= ROWS_PER_STATEMENT)
      encoded.set(kind, encodeRows(changed.sort(inWritingOrder)));
  }
  return encoded;
}

async function lookUp(
  em: EntityManager,
  connectionId: string,
  page: ProviderPage,
  index: RunIndex,
): Promise<PreparedPage['known']> {
  const known = new Map<RecordKind, ReadonlyMap<string, KnownRow>>();
  for (const kind of RECORD_KINDS) {
    const remoteIds = page.records.filter((record) => record.kind === kind).map(({ remoteId }) => remoteId);
    const nothing = remoteIds.length === 0 || index.unseen.has(kind);
    known.set(kind, nothing ? new Map() : await readKnown(em, kind, connectionId, remoteIds));
  }
  return known;
}
