import { badRequest } from './lever-error.js';
import type { LeverState } from './lever-state.js';
import { canonicalEmail, contactOfEmail } from './people.js';
import { indexOfId } from './record-ids.js';
import type { OpportunityRecord, OpportunityRow } from './records.js';
import { timeRange, within, type RequestQuery } from './request-query.js';

/** What a list of opportunities was asked for. */
export interface OpportunityFilter {
  /** Cheap: by the row alone. */
  readonly row: (row: OpportunityRow) => boolean;
  /** By the whole record; undefined when nothing asks for it. */
  readonly record: ((record: OpportunityRecord) => boolean) | undefined;
  /** The people it comes down to, when that is known beforehand. */
  readonly contacts: readonly number[] | undefined;
  /** Whether only rows that changed since the account was made can match. */
  readonly changedOnly: boolean;
}

const RANGES = ['created_at', 'updated_at', 'advanced_at', 'archived_at'] as const;

/** The filter in a query (Lever Data API docs, List all opportunities). */
export function opportunityFilter(
  state: LeverState,
  query: RequestQuery,
  mayReadConfidential: boolean,
  lateMs: number,
): OpportunityFilter {
  const rowTests = [
    confidentialityTest(query, mayReadConfidential),
    ...rangeTests(query),
    ...rowTestsOf(state, query),
    lateTest(state, query, lateMs),
  ];
  const recordTests = recordTestsOf(state, query);
  const starts = RANGES.map((name) => timeRange(query, name)?.start ?? -Infinity);
  return {
    row: (row) => rowTests.every((test) => test(row)),
    record: recordTests.length === 0 ? undefined : (record) => recordTests.every((test) => test(record)),
    contacts: contactsOf(state, query),
    changedOnly: starts.some((start) => start > state.base),
  };
}

/** Which records of either confidentiality a query asks for; without the grant, confidential ones are silently left out. */
export function confidentialityTest(
  query: RequestQuery,
  mayRead: boolean,
): (record: { readonly confidential: boolean }) => boolean {
  const wanted = query.one('confidentiality') ?? 'non-confidential';
  if (!['all', 'confidential', 'non-confidential'].includes(wanted)) {
    throw badRequest('confidentiality must be one of confidential, non-confidential, all');
  }
  return ({ confidential }) => (confidential ? mayRead && wanted !== 'non-confidential' : wanted !== 'confidential');
}

type RowTest = (row: OpportunityRow) => boolean;

function rangeTests(query: RequestQuery): readonly RowTest[] {
  const [created, updated, advanced, archived] = RANGES.map((name) => timeRange(query, name));
  const tests: RowTest[] = [];
  if (updated !== undefined) tests.push((row) => within(updated, row.updatedAt));
  if (created !== undefined) tests.push((row) => within(created, row.createdAt));
  if (advanced !== undefined) tests.push((row) => within(advanced, row.advancedAt));
  if (archived !== undefined) tests.push((row) => within(archived, row.archived?.at));
  return tests;
}

function rowTestsOf(state: LeverState, query: RequestQuery): readonly RowTest[] {
  const tests: RowTest[] = [];
  if (query.has('stage_id')) {
    const ids = query.all('stage_id');
    const stages = new Set(state.stages.flatMap(({ id }, index) => (ids.includes(id) ? [index] : [])));
    tests.push((row) => stages.has(row.stage));
  }
  if (query.has('posting_id')) {
    const postings = postingsOf(state, query.all('posting_id'));
    tests.push((row) => row.archived === null && postings.has(row.posting));
  }
  if (query.has('archived_posting_id')) {
    const postings = postingsOf(state, query.all('archived_posting_id'));
    tests.push((row) => row.archived !== null && postings.has(row.posting));
  }
  if (query.has('archive_reason_id')) {
    const ids = query.all('archive_reason_id');
    const reasons = new Set(state.reasons.flatMap(({ id }, index) => (ids.includes(id) ? [index] : [])));
    tests.push((row) => row.archived !== null && reasons.has(row.archived.reason));
  }
  const archived = query.flag('archived');
  if (archived !== undefined) tests.push((row) => (row.archived !== null) === archived);
  if (query.has('location')) {
    const locations = query.all('location');
    tests.push((row) => locations.includes(row.posting < 0 ? 'unspecified' : state.posting(row.posting).location));
  }
  return tests;
}

/** The vendor's index lags behind: new rows, and updates as far as `updated_at` filters go, come into sight later. */
function lateTest(state: LeverState, query: RequestQuery, lateMs: number): RowTest {
  if (lateMs === 0) return () => true;
  const horizon = state.now() - lateMs;
  const filtersUpdates = timeRange(query, 'updated_at') !== undefined;
  return (row) =>
    (row.slot < state.generator.slots || row.createdAt <= horizon) &&
    (!filtersUpdates || (row.updatedAt ?? 0) <= horizon);
}

function recordTestsOf(state: LeverState, query: RequestQuery): readonly ((record: OpportunityRecord) => boolean)[] {
  const tests: ((record: OpportunityRecord) => boolean)[] = [];
  const [tags, sources, origins] = [query.all('tag'), query.all('source'), query.all('origin')];
  if (tags.length > 0) tests.push((record) => record.tags.some((tag) => tags.includes(tag)));
  if (sources.length > 0) tests.push((record) => record.sources.some((source) => sources.includes(source)));
  if (origins.length > 0) tests.push((record) => origins.includes(record.origin));
  const snoozed = query.flag('snoozed');
  if (snoozed !== undefined)
    tests.push((record) => (record.snoozedUntil !== null && record.snoozedUntil > state.now()) === snoozed);
  return tests;
}

function contactsOf(state: LeverState, query: RequestQuery): readonly number[] | undefined {
  const email = query.one('email');
  const byId = query.has('contact_id')
    ? query
        .all('contact_id')
        .flatMap((id) => indexOfId(state.seed, id, 'contact') ?? [])
        .filter((index) => index < state.contactsEnd)
    : undefined;
  if (email === undefined) return byId === undefined ? undefined : [...new Set(byId)];
  const wanted = canonicalEmail(email);
  const named = contactOfEmail(wanted);
  const possible = new Set([
    ...state.changedContacts,
    ...(named === undefined || named >= state.candidates ? [] : [named]),
  ]);
  const found = [...possible].filter((index) =>
    state.contact(index).emails.some((own) => canonicalEmail(own) === wanted),
  );
  return byId === undefined ? found : found.filter((index) => byId.includes(index));
}

function postingsOf(state: LeverState, ids: readonly string[]): ReadonlySet<number> {
  return new Set(state.postings.flatMap(({ id, index }) => (ids.includes(id) ? [index] : [])));
}
