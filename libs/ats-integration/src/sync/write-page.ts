import type { EntityManager } from '@mikro-orm/postgresql';
import type { ProviderRecord, RecordKind, RecordOf } from '../contract/records.js';
import { query } from '../database/query.js';
import { placeApplication } from '../mapping/place-application.js';
import { readKnown, upsertRecords } from '../records/upsert-records.js';
import type { KnownRow, UpsertOptions, UpsertResult } from '../records/upsert-records.js';
import { NOBODY_REVIVED, readBurials, reviveBelongings } from '../records/revive-belongings.js';
import type { Revived } from '../records/revive-belongings.js';
import { reviveStays } from '../records/stage-stays.js';
import type { SkippedRecord } from '../records/set-aside.js';
import type { ClaimedRun } from './claimed-run.js';
import { awaitedOf } from './merge-survivors.js';
import type { PreparedPage } from './prepare-page.js';
import type { RunIndex } from './run-index.js';
import { emptyCounts } from './stream-counts.js';
import type { KindCounts, StreamCounts } from './stream-counts.js';
import type { SyncRules } from './sync-rules.js';

export interface WrittenPage {
  readonly jobs: UpsertResult<'job'>;
  readonly candidates: UpsertResult<'candidate'>;
  readonly applications: UpsertResult<'application'>;
  readonly resumes: UpsertResult<'resume'>;
  readonly results: Readonly<Partial<Record<RecordKind, UpsertResult<RecordKind>>>>;
  /** What came back because its candidate did. */
  readonly revived: Revived;
  readonly skipped: readonly SkippedRecord[];
  readonly counts: StreamCounts;
}

/** Writes the records of one page in the order in which they need each other, leaving out what the rules leave out. */
export async function writePage(
  em: EntityManager,
  run: ClaimedRun,
  prepared: PreparedPage,
  rules: SyncRules,
  index: RunIndex,
): Promise<WrittenPage> {
  const writer = new PageWriter(em, run, prepared, rules, index);
  await writer.plain('user');
  await writer.plain('stage');
  const jobs = await writer.jobs();
  const applications = await writer.applications();
  await writer.stageStays(applications);
  const candidates = await writer.candidates(applications);
  const resumes = await writer.resumes();
  return { jobs, applications, candidates, resumes, ...writer.outcome() };
}

class PageWriter {
  readonly #skipped: SkippedRecord[] = [];
  readonly #results: Partial<Record<RecordKind, UpsertResult<RecordKind>>> = {};
  readonly #counts: StreamCounts = {};
  #revived = NOBODY_REVIVED;
  /** Jobs of this very page, not in the index before the page is committed. */
  readonly #openHere = new Map<string, boolean>();

  constructor(
    private readonly em: EntityManager,
    private readonly run: ClaimedRun,
    private readonly prepared: PreparedPage,
    private readonly rules: SyncRules,
    private readonly index: RunIndex,
  ) {
    for (const rejected of prepared.page.rejected) {
      const counts = this.#count(rejected.kind);
      counts.seen += 1;
      counts.quarantined += 1;
    }
    for (const withheld of prepared.page.withheld) {
      this.#countSkipped(withheld.kind, withheld.reason);
      if (withheld.remoteId !== null) {
        this.#skipped.push({
          kind: withheld.kind,
          remoteId: withheld.remoteId,
          reason: withheld.reason,
          jobRemoteId: null,
        });
      }
    }
  }

  async plain(kind: 'user' | 'stage'): Promise<void> {
    const records = this.#of(kind);
    if (records.length === 0) return;
    const known = this.#known(kind);
    this.#done(kind, await upsertRecords(this.em, kind, this.run.connection.id, records, known, this.#ahead(kind)));
  }

  async jobs(): Promise<UpsertResult<'job'>> {
    const records = this.#of('job');
    if (records.length === 0) return NOTHING;
    for (const job of records) this.#openHere.set(job.remoteId, this.rules.isOpen(job));
    const known = this.#known('job');
    const open = (job: RecordOf<'job'>) => ({ open: this.rules.isOpen(job) });
    return this.#done(
      'job',
      await upsertRecords(this.em, 'job', this.run.connection.id, records, known, {
        derive: open,
        ...this.#ahead('job'),
      }),
    );
  }

  async applications(): Promise<UpsertResult<'application'>> {
    const records = this.#of('application');
    if (records.length === 0) return NOTHING;
    const known = this.#known('application');
    const wanted = records.filter((record) => {
      // What was imported once is kept up to date, whatever became of its job.
      const reason = known.has(record.remoteId) ? null : this.#whyNot(record);
      if (reason !== null) this.#skip(record, reason, record.jobRemoteId);
      return reason === null;
    });
    const place = (application: RecordOf<'application'>) => {
      const placement = placeApplication(application, this.index.placement);
      return { host_stage_id: placement?.stageId ?? null, placed_how: placement?.how ?? null };
    };
    const written = await upsertRecords(this.em, 'application', this.run.connection.id, wanted, known, {
      derive: place,
      ...this.#ahead('application'),
    });
    const back = idsOf(written.changed.map(({ record }) => record)).filter((id) => isBuried(known.get(id)));
    await reviveStays(this.em, this.run.connection.id, back);
    return this.#done('application', written);
  }

  async stageStays(applications: UpsertResult<'application'>): Promise<void> {
    const records = this.#of('stage-stay');
    if (records.length === 0) return;
    const here = await this.#livingApplications(records, applications);
    const wanted = records.filter((record) => {
      if (here.has(record.applicationRemoteId)) return true;
      // Counted only: why the application is not here says why its history is not.
      this.#countSkipped('stage-stay', 'application-not-imported');
      return false;
    });
    const known = this.#known('stage-stay');
    this.#done(
      'stage-stay',
      await upsertRecords(this.em, 'stage-stay', this.run.connection.id, wanted, known, this.#ahead('stage-stay')),
    );
  }

  async candidates(applications: UpsertResult<'application'>): Promise<UpsertResult<'candidate'>> {
    const records = this.#of('candidate');
    if (records.length === 0) return NOTHING;
    const known = this.#known('candidate');
    const applied = this.rules.openJobsOnly ? await this.#withApplication(records, known, applications) : null;
    const wanted = records.filter((record) => {
      if (applied === null || known.has(record.remoteId) || applied.has(record.remoteId)) return true;
      this.#skip(record, 'no-application-on-open-job', null);
      return false;
    });
    const connectionId = this.run.connection.id;
    const buried = idsOf(wanted).filter((id) => isBuried(known.get(id)));
    const burials = await readBurials(this.em, connectionId, buried);
    const written = await upsertRecords(this.em, 'candidate', connectionId, wanted, known, this.#ahead('candidate'));
    const changed = new Set(idsOf(written.changed.map(({ record }) => record)));
    const back = burials.filter(({ remoteId }) => changed.has(remoteId));
    this.#revived = await reviveBelongings(this.em, connectionId, back);
    return this.#done('candidate', written);
  }

  async resumes(): Promise<UpsertResult<'resume'>> {
    const records = this.#of('resume');
    if (records.length === 0) return NOTHING;
    const owners = await readKnown(this.em, 'candidate', this.run.connection.id, [
      ...new Set(records.map((record) => record.candidateRemoteId)),
    ]);
    const wanted = records.filter((record) => {
      if (owners.has(record.candidateRemoteId)) return true;
      this.#skip(record, 'candidate-not-imported', null);
      return false;
    });
    const known = this.#known('resume');
    const locator = (resume: RecordOf<'resume'>) => ({ locator: resume.locator });
    return this.#done(
      'resume',
      await upsertRecords(this.em, 'resume', this.run.connection.id, wanted, known, {
        derive: locator,
        ...this.#ahead('resume'),
      }),
    );
  }

  outcome(): Pick<WrittenPage, 'results' | 'revived' | 'skipped' | 'counts'> {
    return { results: this.#results, revived: this.#revived, skipped: this.#skipped, counts: this.#counts };
  }

  #whyNot(application: RecordOf<'application'>): string | null {
    if (!this.rules.openJobsOnly) return null;
    if (application.jobRemoteId === null) return 'no-job';
    const open = this.#openHere.get(application.jobRemoteId) ?? this.index.job(application.jobRemoteId)?.open;
    if (open === undefined) return 'job-not-visible';
    return open ? null : 'job-not-open';
  }

  async #livingApplications(
    stays: readonly RecordOf<'stage-stay'>[],
    applications: UpsertResult<'application'>,
  ): Promise<ReadonlySet<string>> {
    const before = this.#known('application');
    const changed = new Set(idsOf(applications.changed.map(({ record }) => record)));
    const here = [...applications.ids.keys()].filter((id) => changed.has(id) || !isBuried(before.get(id)));
    const living = new Set(here);
    const given = new Set(idsOf(this.#of('application')));
    const elsewhere = new Set(stays.map((stay) => stay.applicationRemoteId).filter((id) => !given.has(id)));
    const rows = await readKnown(this.em, 'application', this.run.connection.id, [...elsewhere]);
    for (const [id, row] of rows) if (!isBuried(row)) living.add(id);
    return living;
  }

  async #withApplication(
    records: readonly RecordOf<'candidate'>[],
    known: ReadonlyMap<string, unknown>,
    applications: UpsertResult<'application'>,
  ): Promise<ReadonlySet<string>> {
    const here = new Set(applications.changed.map(({ record }) => record.candidateRemoteId));
    const unsure = idsOf(records).filter((id) => !known.has(id) && !here.has(id));
    if (unsure.length === 0) return here;
    const rows = await query<{ id: string }>(
      this.em,
      `select distinct candidate_remote_id as id from ats.applications
       where connection_id = $1 and candidate_remote_id = any($2) and tombstone is null`,
      [this.run.connection.id, unsure],
    );
    for (const row of rows) here.add(row.id);
    const left = unsure.filter((id) => !here.has(id));
    for (const id of await awaitedOf(this.em, this.run, this.index, left)) here.add(id);
    return here;
  }

  /** What was here already of a kind when the page was prepared. */
  #known(kind: RecordKind): ReadonlyMap<string, KnownRow> {
    return this.prepared.known.get(kind) ?? new Map<string, KnownRow>();
  }

  /** What was done for these records before the transaction. */
  #ahead(kind: RecordKind): Pick<UpsertOptions<RecordKind>, 'serialised' | 'encoded' | 'askedAt' | 'runId'> {
    const { serialised, encoded, askedAt } = this.prepared;
    return { serialised, encoded: encoded.get(kind), askedAt, runId: this.run.id };
  }

  #of<K extends RecordKind>(kind: K): RecordOf<K>[] {
    return this.prepared.page.records.filter((record): record is RecordOf<K> => record.kind === kind);
  }

  #done<K extends RecordKind>(kind: K, result: UpsertResult<K>): UpsertResult<K> {
    this.#results[kind] = result as unknown as UpsertResult<RecordKind>;
    const counts = this.#count(kind);
    const created = result.changed.filter((change) => change.created).length;
    counts.created += created;
    counts.updated += result.changed.length - created;
    counts.unchanged += result.unchanged;
    counts.seen += result.changed.length + result.unchanged;
    return result;
  }

  #skip(record: ProviderRecord, reason: string, jobRemoteId: string | null): void {
    this.#countSkipped(record.kind, reason);
    this.#skipped.push({ kind: record.kind, remoteId: record.remoteId, reason, jobRemoteId });
  }

  #countSkipped(kind: RecordKind, reason: string): void {
    const counts = this.#count(kind);
    counts.seen += 1;
    counts.skipped[reason] = (counts.skipped[reason] ?? 0) + 1;
  }

  #count(kind: RecordKind): KindCounts {
    return (this.#counts[kind] ??= emptyCounts());
  }
}

const NOTHING = { changed: [], unchanged: 0, ids: new Map<string, string>() };

function isBuried(row: KnownRow | undefined): boolean {
  return row !== undefined && row.tombstone !== null;
}

function idsOf(records: readonly ProviderRecord[]): string[] {
  return records.map((record) => record.remoteId);
}
