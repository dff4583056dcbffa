import {
  slotAt,
  APPLICATIONS_PER_SLOT,
  ATTACHMENTS_PER_SLOT,
  LIFETIME_MS,
  STAGES_PER_APPLICATION,
  type Frame,
} from '../data/frame.js';
import { idOf, keyOf, type Resource } from '../data/ids.js';
import type { Row } from '../data/rows.js';
import type { GreenhouseAccount } from '../greenhouse-account.js';
import type { LazyTable } from '../store/lazy-table.js';
import type { Filters } from './list-endpoint.js';
import { withinBounds, type DateBounds } from './query.js';

type Scan = (account: GreenhouseAccount, filters: Filters, below: number) => Iterable<Row>;

function idsOf(filters: Filters, name: string): ReadonlySet<number> | undefined {
  const filter = filters.get(name);
  return filter?.kind === 'ids' ? filter.values : undefined;
}

function boundsOf(filters: Filters, name: string): DateBounds | undefined {
  const filter = filters.get(name);
  return filter?.kind === 'dates' ? filter.bounds : undefined;
}

/** Rows found without a scan, in the order of a list. */
function sorted(rows: readonly (Row | undefined)[], below: number): readonly Row[] {
  const unique = new Map(rows.flatMap((row) => (row !== undefined && row.id < below ? [[row.id, row] as const] : [])));
  return [...unique.values()].sort((a, b) => b.id - a.id);
}

/** The positions of generated rows that can satisfy the filters on created_at and updated_at. */
function range(frame: Frame, filters: Filters, perSlot: number): { floor: number; ceiling: number } {
  const created = boundsOf(filters, 'created_at');
  const updated = boundsOf(filters, 'updated_at');
  const earliest = created?.gte ?? created?.gt ?? (updated?.gte ?? updated?.gt ?? -Infinity) - LIFETIME_MS;
  const latest = created?.lte ?? created?.lt ?? updated?.lte ?? updated?.lt ?? Infinity;
  const floor = Number.isFinite(earliest) ? Math.max(0, (slotAt(frame, earliest) - 1) * perSlot) : 0;
  const ceiling = Number.isFinite(latest) ? (slotAt(frame, latest) + 3) * perSlot : Infinity;
  return { floor, ceiling };
}

function positionBelow(resource: Resource, table: LazyTable<Row>, below: number): number {
  return Number.isFinite(below) ? (keyOf(resource, below) ?? table.end) : table.end;
}

export function smallScan(name: string): Scan {
  return (account, _filters, below) => account.store.small.get(name)?.descend(below) ?? [];
}

export const scanApplications: Scan = function* (account, filters, below) {
  const { store } = account;
  const ids = idsOf(filters, 'ids');
  if (ids !== undefined)
    return yield* sorted(
      [...ids].map((id) => store.applications.byId(id)),
      below,
    );
  const people = idsOf(filters, 'candidate_ids');
  if (people !== undefined)
    return yield* sorted(
      [...people].flatMap((id) => store.applicationsOf(id)),
      below,
    );
  const jobs = idsOf(filters, 'job_ids') ?? jobsOfStages(account, idsOf(filters, 'job_interview_stage_ids'));
  const status = filters.get('status');
  const wanted = status?.kind === 'value' ? (status.value === 'active' ? 'in_process' : status.value) : undefined;
  const updated = boundsOf(filters, 'updated_at');
  const { floor, ceiling } = range(store.frame, filters, APPLICATIONS_PER_SLOT);
  const narrowed = jobs !== undefined || wanted !== undefined || updated !== undefined;
  for (const key of store.applications.descend(
    positionBelow('applications', store.applications, below),
    floor,
    ceiling,
  )) {
    // The numbers of a generated application cost a tenth of its row, and most rows are not wanted.
    if (narrowed && store.applications.changed(key) === undefined) {
      const facts = store.applicationGenerator.facts(key);
      if (facts === undefined || (wanted !== undefined && facts.status !== wanted)) continue;
      if (jobs !== undefined && !jobs.has(idOf('jobs', facts.job))) continue;
      if (updated !== undefined && !withinBounds(facts.updatedMs, updated)) continue;
    }
    const row = store.applications.at(key);
    if (row !== undefined) yield row;
  }
};

function jobsOfStages(
  account: GreenhouseAccount,
  stages: ReadonlySet<number> | undefined,
): ReadonlySet<number> | undefined {
  if (stages === undefined) return undefined;
  return new Set([...stages].flatMap((id) => account.store.stages.byId(id)?.job_id ?? []));
}

export const scanCandidates: Scan = function* (account, filters, below) {
  const { store } = account;
  const ids = idsOf(filters, 'ids');
  if (ids !== undefined)
    return yield* sorted(
      [...ids].map((id) => store.candidates.byId(id)),
      below,
    );
  const email = filters.get('email');
  if (email?.kind === 'value') return yield* sorted(account.candidatesWithEmail(String(email.value)), below);
  const updated = boundsOf(filters, 'updated_at');
  const { floor, ceiling } = range(store.frame, filters, 1);
  for (const key of store.candidates.descend(positionBelow('candidates', store.candidates, below), floor, ceiling)) {
    const generated = store.candidates.changed(key) === undefined;
    if (generated && updated !== undefined && !withinBounds(store.candidateGenerator.updatedMs(key), updated)) continue;
    const row = store.candidates.at(key);
    if (row !== undefined) yield row;
  }
};

export const scanAttachments: Scan = function* (account, filters, below) {
  const { store } = account;
  const ids = idsOf(filters, 'ids');
  if (ids !== undefined)
    return yield* sorted(
      [...ids].map((id) => store.attachments.byId(id)),
      below,
    );
  const applications = idsOf(filters, 'application_ids');
  const owners = applications && [...applications].flatMap((id) => store.applications.byId(id)?.candidate_id ?? []);
  const people = idsOf(filters, 'candidate_ids') ?? (owners && new Set(owners));
  if (people !== undefined)
    return yield* sorted(
      [...people].flatMap((id) => store.attachmentsOf(id)),
      below,
    );
  const { floor, ceiling } = range(store.frame, filters, ATTACHMENTS_PER_SLOT);
  for (const key of store.attachments.descend(positionBelow('attachments', store.attachments, below), floor, ceiling)) {
    const row = store.attachments.at(key);
    if (row !== undefined) yield row;
  }
};

export const scanRejections: Scan = function* (account, filters, below) {
  const { store } = account;
  const ids = idsOf(filters, 'ids');
  if (ids !== undefined)
    return yield* sorted(
      [...ids].map((id) => store.rejections.byId(id)),
      below,
    );
  const applications = idsOf(filters, 'application_ids');
  if (applications !== undefined)
    return yield* sorted(
      [...applications].map((id) => store.rejectionOf(id)),
      below,
    );
  // A rejection is made later than its application, so only the bound on updated_at says something of the position.
  const onlyUpdated = new Map([...filters].filter(([name]) => name === 'updated_at'));
  const { floor, ceiling } = range(store.frame, onlyUpdated, APPLICATIONS_PER_SLOT);
  for (const key of store.rejections.descend(
    positionBelow('rejection_details', store.rejections, below),
    floor,
    ceiling,
  )) {
    const row = store.rejections.at(key);
    if (row !== undefined) yield row;
  }
};

export const scanApplicationStages: Scan = function* (account, filters, below) {
  const { store } = account;
  const ids = idsOf(filters, 'ids');
  if (ids !== undefined)
    return yield* sorted(
      [...ids].map((id) => store.applicationStages.byId(id)),
      below,
    );
  const applications = idsOf(filters, 'application_ids');
  if (applications !== undefined)
    return yield* sorted(
      [...applications].flatMap((id) => store.stagesOfApplication(id)),
      below,
    );
  const table = store.applicationStages;
  const start = positionBelow('application_stages', table, below);
  for (let key = start - 1; key >= table.generated; key -= 1) {
    const row = table.at(key);
    if (row !== undefined) yield row;
  }
  const jobs = jobsOfStages(account, idsOf(filters, 'job_interview_stage_ids'));
  const { floor } = range(store.frame, filters, APPLICATIONS_PER_SLOT);
  const top = Math.floor((Math.min(start, table.generated) - 1) / STAGES_PER_APPLICATION);
  for (const application of store.applications.descend(Math.min(top + 1, store.applications.generated), floor)) {
    const changed = store.applications.changed(application);
    if (changed === null) continue;
    const facts = store.applicationGenerator.facts(application);
    if (facts === undefined || facts.stages === 0) continue;
    // A move to another job leaves rows of both behind, hence only unchanged ones are passed over by their job.
    if (jobs !== undefined && changed === undefined && !jobs.has(idOf('jobs', facts.job))) continue;
    for (let visit = facts.stages - 1; visit >= 0; visit -= 1) {
      const key = application * STAGES_PER_APPLICATION + visit;
      const row = key < start ? table.at(key) : undefined;
      if (row !== undefined) yield row;
    }
  }
};
