import type { LeverState } from './lever-state.js';
import type { OpportunityFilter } from './opportunity-filter.js';
import { compareKeys, type OpportunityOrder, type OrderKey } from './opportunity-order.js';
import { invalidOffset, offsetToken, parseOffsetToken } from './offset-token.js';
import { indexOfId, recordId } from './record-ids.js';
import type { OpportunityRecord, OpportunityRow } from './records.js';

/** A page of whole records and the token of the next one. */
export interface RecordPage {
  readonly records: readonly OpportunityRecord[];
  readonly next: string | undefined;
}

/**
 * A page of opportunities. It is a window on the present order, not on a snapshot: a row that moves while a client reads
 * may be met twice or not at all, as with the vendor.
 */
export function opportunityPage(
  state: LeverState,
  order: OpportunityOrder,
  filter: OpportunityFilter,
  offset: string | undefined,
  limit: number,
): RecordPage {
  const start = offset === undefined ? undefined : keyOfToken(state, offset);
  const rows =
    filter.contacts === undefined
      ? order.from(start, filter.changedOnly)
      : rowsOf(state, order, filter.contacts, start);
  const records: OpportunityRecord[] = [];
  for (const row of rows) {
    if (!filter.row(row)) continue;
    const needed = filter.record !== undefined || records.length < limit;
    const record = needed ? state.opportunity(row.slot) : undefined;
    if (filter.record !== undefined && (record === undefined || !filter.record(record))) continue;
    if (records.length === limit) return { records, next: tokenOf(state, order, row) };
    if (record !== undefined) records.push(record);
  }
  return { records, next: undefined };
}

function rowsOf(
  state: LeverState,
  order: OpportunityOrder,
  contacts: readonly number[],
  start: OrderKey | undefined,
): readonly OpportunityRow[] {
  const rows = contacts.flatMap((contact) => state.slotsOf(contact)).flatMap((slot) => state.row(slot) ?? []);
  const sorted = rows.sort((a, b) => compareKeys(order.keyOf(a), order.keyOf(b)));
  return start === undefined ? sorted : sorted.filter((row) => compareKeys(order.keyOf(row), start) >= 0);
}

function tokenOf(state: LeverState, order: OpportunityOrder, row: OpportunityRow): string {
  const { rank, advancedAt } = order.keyOf(row);
  return offsetToken([rank, advancedAt, recordId(state.seed, row.slot, 'opportunity')]);
}

function keyOfToken(state: LeverState, token: string): OrderKey {
  const [rank, advancedAt, id] = parseOffsetToken(token, ['number', 'number', 'string']);
  if (indexOfId(state.seed, String(id), 'opportunity') === undefined) throw invalidOffset();
  return { rank: Number(rank), advancedAt: Number(advancedAt), idWord: parseInt(String(id).slice(0, 8), 16) };
}
