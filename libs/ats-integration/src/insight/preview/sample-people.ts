import { createHash } from 'node:crypto';
import type { AtsProvider } from '../../contract/ats-provider.js';
import type { JobRecord } from '../../contract/records.js';
import { ofKind, readSample } from './read-sample.js';
import type { PreviewReading, Sample } from './read-sample.js';
import type { PreviewCount } from './preview-report.js';

/** Applications of some jobs, as far as they were read. */
export interface PeopleSample {
  readonly samples: readonly Sample[];
  readonly applications: PreviewCount;
}

/** Each group of jobs is so much larger than the one before: the first are read to their end in any account. */
const GROWTH = 3;

/**
 * Counts the applications of these jobs: all of them when they are few, otherwise those of jobs drawn by lot, from which
 * the others are reckoned.
 */
export async function samplePeople(
  reading: PreviewReading,
  provider: AtsProvider,
  jobs: readonly JobRecord[],
  allJobs: boolean,
): Promise<PeopleSample> {
  const stream = provider.streams.find(({ kinds }) => kinds.includes('application'));
  if (stream === undefined || (jobs.length === 0 && !allJobs)) return { samples: [], applications: exactly(0) };
  if (!stream.modes.includes('of-jobs') || allJobs) {
    const sample = await readSample(reading, stream, { mode: 'full' });
    return { samples: [sample], applications: listed(sample, jobs, allJobs) };
  }
  const samples: Sample[] = [];
  let counted = 0;
  let jobsRead = 0;
  let size = 1;
  let isTotalGiven = false;
  const order = byLot(jobs);
  while (jobsRead < order.length) {
    const group = order.slice(jobsRead, isTotalGiven ? undefined : jobsRead + size);
    const sample = await readSample(reading, stream, {
      mode: 'of-jobs',
      jobRemoteIds: group.map(({ remoteId }) => remoteId),
    });
    samples.push(sample);
    if (!sample.complete && sample.total === null) break;
    isTotalGiven = sample.total !== null;
    counted += sample.total ?? ofKind([sample], 'application').length;
    jobsRead += group.length;
    size *= GROWTH;
  }
  return { samples, applications: reckoned(samples, { counted, jobsRead, jobs: jobs.length }) };
}

function reckoned(
  samples: readonly Sample[],
  { counted, jobsRead, jobs }: { counted: number; jobsRead: number; jobs: number },
): PreviewCount {
  if (jobsRead === jobs) return exactly(counted);
  const seen = ofKind(samples, 'application').length;
  if (jobsRead === 0) return { value: seen, precision: 'at-least' };
  return { value: Math.max(seen, Math.round((counted / jobsRead) * jobs)), precision: 'estimate' };
}

/** A list that cannot be asked by job: what is not of these jobs is left out of it. */
function listed(sample: Sample, jobs: readonly JobRecord[], allJobs: boolean): PreviewCount {
  const wanted = new Set(jobs.map(({ remoteId }) => remoteId));
  const all = ofKind([sample], 'application');
  const those = allJobs ? all : all.filter(({ jobRemoteId }) => jobRemoteId !== null && wanted.has(jobRemoteId));
  if (sample.complete) return exactly(those.length);
  if (sample.total === null || all.length === 0) return { value: those.length, precision: 'at-least' };
  if (allJobs) return exactly(sample.total);
  return { value: Math.round((sample.total * those.length) / all.length), precision: 'estimate' };
}

/** The same for the same jobs, and with no regard to their age or size. */
function byLot(jobs: readonly JobRecord[]): JobRecord[] {
  const lot = (job: JobRecord): string => createHash('sha1').update(job.remoteId).digest('hex');
  return jobs
    .map((job) => ({ job, lot: lot(job) }))
    .sort((left, right) => (left.lot < right.lot ? -1 : 1))
    .map(({ job }) => job);
}

export function exactly(value: number): PreviewCount {
  return { value, precision: 'exact' };
}
