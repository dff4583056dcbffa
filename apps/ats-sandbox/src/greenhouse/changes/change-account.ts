import type { AppliedChange, ChangeRequest } from '../../simulator.js';
import type { GreenhouseStore } from '../store/greenhouse-store.js';
import type { LogEntry } from './change-log.js';
import { apply, parseOperation, type Actions, type Operation } from './operations.js';
import { RandomChanges } from './random-changes.js';

/** New sorts go to the end, so that a seed goes on to make what it made. */
const MADE = [
  'moves',
  'edits',
  'newCandidates',
  'rejections',
  'hires',
  'jobsOpened',
  'jobsClosed',
  'newJobs',
  'unrejections',
  'deletedApplications',
  'deletedCandidates',
  'merges',
  'anonymized',
] as const;
/** The others only when they were asked for or happened. */
const ALWAYS_COUNTED = 8;
type Made = (typeof MADE)[number];

const COUNTED_AS: Readonly<Partial<Record<Operation['op'], Made>>> = {
  move: 'moves',
  'edit-candidate': 'edits',
  'create-candidate': 'newCandidates',
  reject: 'rejections',
  hire: 'hires',
  'open-job': 'jobsOpened',
  'close-job': 'jobsClosed',
  'create-job': 'newJobs',
  unreject: 'unrejections',
  'delete-application': 'deletedApplications',
  'delete-candidate': 'deletedCandidates',
  'merge-candidates': 'merges',
  'anonymize-candidate': 'anonymized',
};

/** Makes what was asked for; where the account has no more to change, less of it, which the counts say. */
export function changeAccount(
  store: GreenhouseStore,
  actions: Actions,
  request: ChangeRequest,
  seed: number,
): { readonly made: Readonly<Record<string, number>>; readonly operations: readonly AppliedChange[] } {
  const made = Object.fromEntries(MADE.map((sort) => [sort, 0])) as Record<Made, number>;
  const operations: AppliedChange[] = [];
  const explicit = (request.operations ?? []).map(parseOperation);
  const perform = (operation: Operation): void => {
    operations.push(applied(apply(actions, operation)));
    const counted = COUNTED_AS[operation.op];
    if (counted !== undefined) made[counted] += 1;
  };
  explicit.forEach(perform);
  const random = new RandomChanges(store, request.seed ?? seed);
  const draw: Readonly<Record<Made, () => Operation | undefined>> = {
    moves: () => random.move(),
    edits: () => random.edit(),
    newCandidates: () => random.createCandidate(),
    rejections: () => random.reject(),
    hires: () => random.hire(),
    jobsOpened: () => random.openJob(),
    jobsClosed: () => random.closeJob(),
    newJobs: () => random.createJob(),
    unrejections: () => random.unreject(),
    deletedApplications: () => random.deleteApplication(),
    deletedCandidates: () => random.deleteCandidate(),
    merges: () => random.merge(),
    anonymized: () => random.anonymize(),
  };
  for (const sort of MADE) {
    for (let left = request[sort] ?? 0; left > 0; left -= 1) {
      const operation = draw[sort]();
      if (operation === undefined) break;
      perform(operation);
    }
  }
  const asked = MADE.filter((sort, place) => place < ALWAYS_COUNTED || made[sort] > 0 || request[sort] !== undefined);
  return { made: Object.fromEntries(asked.map((sort) => [sort, made[sort]])), operations };
}

function applied({ op, kind, id, detail }: LogEntry): AppliedChange {
  return { op, kind, id: String(id), detail };
}
