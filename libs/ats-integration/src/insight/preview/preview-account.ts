import type { AtsProvider, StreamRequest } from '../../contract/ats-provider.js';
import type { RateLimitManifest } from '../../contract/manifest.js';
import type { ApplicationRecord, CandidateRecord, JobRecord, RecordKind, StageRecord } from '../../contract/records.js';
import type { SyncRules } from '../../sync/sync-rules.js';
import { streamOfIds } from '../../sync/targeted-plan.js';
import type { ImportPreviewReport, PreviewCount } from './preview-report.js';
import { ofKind, readSample } from './read-sample.js';
import type { PreviewReading, Sample } from './read-sample.js';
import { reckonCost } from './reckon-cost.js';
import { samplePeople } from './sample-people.js';

export interface ReadAccount extends Pick<ImportPreviewReport, 'jobs' | 'people' | 'setAside' | 'cost'> {
  readonly stages: { readonly total: PreviewCount; readonly records: readonly StageRecord[] };
  /** Those who were read themselves, with their e-mail addresses. */
  readonly candidates: readonly CandidateRecord[];
  /** What the ATS would not show. */
  readonly refused: readonly string[];
}

/** Of the whole allowance; what a part leaves over goes to the next. */
const SHARES = { jobs: 0.4, stages: 0.2, candidates: 0.2 } as const;

/** Reads as much of an account as a preview may: jobs, stages, people of open jobs. */
export class PreviewAccount {
  readonly #samples: Sample[] = [];

  constructor(
    private readonly reading: PreviewReading,
    private readonly provider: AtsProvider,
    private readonly rules: SyncRules,
    private readonly rateLimit: RateLimitManifest,
  ) {}

  async read(): Promise<ReadAccount> {
    const started = performance.now();
    const jobs = await this.#list('job', SHARES.jobs);
    const stages = await this.#list('stage', SHARES.stages);
    const open = ofKind([jobs], 'job').filter((job) => !this.rules.openJobsOnly || this.rules.isOpen(job));
    const people = await this.#people(open, jobs.complete);
    const account = await this.#accountApplications(ofKind([jobs], 'job'), open, people.applications);
    const { allowance } = this.reading;
    const msPerRequest = allowance.used === 0 ? 0 : (performance.now() - started) / allowance.used;
    const rows = { job: countOf(jobs, 'job').value, stage: countOf(stages, 'stage').value, ...account };
    const pages = this.#samples.map(({ fullPage }) => fullPage ?? 0);
    return {
      jobs: this.#jobs(jobs),
      stages: { total: countOf(stages, 'stage'), records: ofKind([stages], 'stage') },
      people: { candidates: people.candidates, applications: people.applications },
      candidates: people.read,
      setAside: setAside(this.#samples),
      refused: [...new Set(this.#samples.flatMap(({ refused }) => (refused === null ? [] : [refused])))],
      cost: reckonCost(
        this.provider,
        {
          rows,
          imported: people.applications.value,
          pageRows: Math.max(0, ...pages) || null,
          msPerRequest,
        },
        this.rateLimit,
      ),
    };
  }

  async #list(kind: 'job' | 'stage', share: number): Promise<Sample> {
    const stream = this.provider.streams.find(({ kinds, modes }) => kinds[0] === kind && modes.includes('full'));
    if (stream === undefined) return EMPTY;
    this.#allow(this.reading.allowance.most * share);
    return this.#note(await readSample(this.reading, stream, { mode: 'full' }));
  }

  #jobs(sample: Sample): ImportPreviewReport['jobs'] {
    const jobs = ofKind([sample], 'job');
    const byStatus = new Map<string, { status: string; count: number; open: boolean }>();
    for (const job of jobs) {
      const entry = byStatus.get(job.remoteStatus) ?? {
        status: job.remoteStatus,
        count: 0,
        open: this.rules.isOpen(job),
      };
      entry.count += 1;
      byStatus.set(job.remoteStatus, entry);
    }
    const open = jobs.filter((job) => this.rules.isOpen(job)).length;
    return {
      total: countOf(sample, 'job'),
      open: { value: open, precision: sample.complete ? 'exact' : 'at-least' },
      byStatus: [...byStatus.values()].sort((left, right) => right.count - left.count),
    };
  }

  /** People of open jobs, and of those whom their list shows apart as many as the allowance has left. */
  async #people(
    open: readonly JobRecord[],
    allJobsRead: boolean,
  ): Promise<{ candidates: PreviewCount; applications: PreviewCount; read: readonly CandidateRecord[] }> {
    const { allowance } = this.reading;
    const apart = this.#candidatesApart();
    const kept = apart === undefined ? 0 : allowance.most * SHARES.candidates;
    this.#allow(allowance.left - kept);
    const sample = await samplePeople(this.reading, this.provider, open, !this.rules.openJobsOnly);
    sample.samples.forEach((one) => this.#note(one));
    const applications = allJobsRead ? sample.applications : atLeast(sample.applications);
    const wanted = new Set(open.map(({ remoteId }) => remoteId));
    const seen = ofKind(sample.samples, 'application').filter(
      ({ jobRemoteId }) => !this.rules.openJobsOnly || (jobRemoteId !== null && wanted.has(jobRemoteId)),
    );
    const ids = [...new Set(seen.map(({ candidateRemoteId }) => candidateRemoteId))];
    const given = ofKind(sample.samples, 'candidate').filter(({ remoteId }) => ids.includes(remoteId));
    if (apart === undefined) return { applications, candidates: scaled(applications, seen, ids.length), read: given };
    this.#allow(allowance.left);
    const asked: StreamRequest = { mode: 'ids', remoteIds: ids };
    const read = ids.length === 0 ? EMPTY : this.#note(await readSample(this.reading, apart, asked));
    const candidates = ofKind([read], 'candidate').filter(({ remoteId }) => ids.includes(remoteId));
    if (!read.complete) return { applications, candidates: scaled(applications, seen, ids.length), read: candidates };
    // An application of somebody who is not shown stays out of the pipeline.
    const visible = new Set(candidates.map(({ remoteId }) => remoteId));
    const shown = seen.filter(({ candidateRemoteId }) => visible.has(candidateRemoteId));
    return {
      applications: shown.length === seen.length ? applications : scaled(applications, seen, shown.length),
      candidates: scaled(applications, seen, candidates.length),
      read: candidates,
    };
  }

  /**
   * What an import has to list although it leaves it out: applications of jobs that are not open, and their people. Such
   * a job is reckoned to have as many as one that is open; where none is, some of them are looked at.
   */
  async #accountApplications(
    jobs: readonly JobRecord[],
    open: readonly JobRecord[],
    applications: PreviewCount,
  ): Promise<Partial<Record<RecordKind, number>>> {
    const isOpen = new Set(open);
    const closed = jobs.filter((job) => !isOpen.has(job));
    let others = open.length === 0 ? 0 : Math.round((applications.value / open.length) * closed.length);
    if (this.rules.openJobsOnly && open.length === 0) {
      this.#allow(this.reading.allowance.left);
      const sample = await samplePeople(this.reading, this.provider, closed, false);
      sample.samples.forEach((one) => this.#note(one));
      others = sample.applications.value;
    }
    const all = applications.value + others;
    return { application: all, candidate: all, resume: applications.value };
  }

  #candidatesApart() {
    const withApplications = this.provider.streams.some(
      ({ kinds }) => kinds.includes('application') && kinds.includes('candidate'),
    );
    return withApplications ? undefined : streamOfIds(this.provider, 'candidate');
  }

  #allow(requests: number): void {
    this.reading.allowance.upTo(Math.max(1, Math.round(requests)));
  }

  #note(sample: Sample): Sample {
    this.#samples.push(sample);
    return sample;
  }
}

const EMPTY: Sample = {
  records: [],
  rejected: [],
  withheld: [],
  complete: true,
  total: null,
  fullPage: null,
  refused: null,
};

function countOf(sample: Sample, kind: RecordKind): PreviewCount {
  const read = ofKind([sample], kind).length;
  if (sample.complete) return { value: read, precision: 'exact' };
  return sample.total === null ? { value: read, precision: 'at-least' } : { value: sample.total, precision: 'exact' };
}

/** Not every open job is known: there are more people than theirs. */
function atLeast({ value }: PreviewCount): PreviewCount {
  return { value, precision: 'at-least' };
}

/** As many of all applications as `part` is of those that were seen. */
function scaled(all: PreviewCount, seen: readonly ApplicationRecord[], part: number): PreviewCount {
  if (seen.length === 0) return { value: 0, precision: all.value === 0 ? all.precision : 'at-least' };
  if (all.value === seen.length) return { value: part, precision: all.precision };
  const precision = all.precision === 'at-least' ? 'at-least' : 'estimate';
  return { value: Math.round((all.value * part) / seen.length), precision };
}

function setAside(samples: readonly Sample[]): ImportPreviewReport['setAside'] {
  const counts = new Map<string, { kind: RecordKind; reason: string; count: number }>();
  const add = (kind: RecordKind, reason: string): void => {
    const entry = counts.get(`${kind}:${reason}`) ?? { kind, reason, count: 0 };
    entry.count += 1;
    counts.set(`${kind}:${reason}`, entry);
  };
  for (const { rejected, withheld } of samples) {
    for (const { kind } of rejected) add(kind, 'unreadable');
    for (const { kind, reason } of withheld) add(kind, reason);
  }
  return [...counts.values()];
}
