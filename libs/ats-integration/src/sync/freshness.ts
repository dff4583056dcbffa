import type { ProviderRecord, RecordKind } from '../contract/records.js';
import { versionOf } from '../records/record-tables.js';
import type { TimedPage } from './timed-page.js';

/**
 * What this run has read one by one while its lists were under way, and when. A list's page that was asked for before
 * that may be committed after it: an older state of a record that bears no date, or of one that is gone since, would come
 * back with it. Kept in memory, because a page lives no longer than the claim of its run: whoever takes the run over
 * asks anew.
 */
export class Freshness {
  readonly #read = new Map<string, { readonly at: number; readonly version: number }>();
  readonly #gone = new Map<string, number>();

  /** The page was asked for by id; call it before the page is committed. */
  note({ page, servedTick }: TimedPage): void {
    for (const record of page.records) this.#read.set(keyOf(record), { at: servedTick, version: versionOf(record) });
  }

  /** These were asked for and are not there; call it before their tombstones are committed. */
  noteGone(kind: RecordKind, remoteIds: Iterable<string>): void {
    const now = performance.now();
    for (const remoteId of remoteIds) this.#gone.set(keyOf({ kind, remoteId }), now);
  }

  /** The page without the records of which something newer is known; ask behind the run's lock. */
  without<Page extends TimedPage>(prepared: Page): Page {
    if (this.#read.size === 0 && this.#gone.size === 0) return prepared;
    const { page, askedTick } = prepared;
    const records = page.records.filter((record) => !this.#knowsBetter(record, askedTick));
    return records.length === page.records.length ? prepared : { ...prepared, page: { ...page, records } };
  }

  #knowsBetter(record: ProviderRecord, askedTick: number): boolean {
    const key = keyOf(record);
    const gone = this.#gone.get(key);
    if (gone !== undefined && askedTick < gone) return true;
    const read = this.#read.get(key);
    return read !== undefined && askedTick < read.at && versionOf(record) <= read.version;
  }
}

function keyOf({ kind, remoteId }: { readonly kind: RecordKind; readonly remoteId: string }): string {
  return `${kind}:${remoteId}`;
}
