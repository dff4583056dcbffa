import { integer, mix, pick } from '../randomness/random.js';
import type { AppliedChange, ChangeRequest } from '../simulator.js';
import { at, HIRED_REASON } from './catalogue.js';
import type { LeverState } from './lever-state.js';
import { FAMILY_NAMES, GIVEN_NAMES, JOB_TITLES } from './names.js';
import { applyOperation, parseOperation, type Operation } from './operations.js';
import { SLOTS_PER_CONTACT } from './opportunity-generator.js';
import { recordId } from './record-ids.js';
import { isOpen, type OpportunityRow, type Posting } from './records.js';

/** Under which name each operation is counted. */
const COUNTED: Readonly<Record<Operation['op'], string>> = {
  move: 'moves',
  'edit-candidate': 'edits',
  reject: 'rejections',
  hire: 'hires',
  unarchive: 'unrejections',
  'open-job': 'jobsOpened',
  'close-job': 'jobsClosed',
  'create-candidate': 'newCandidates',
  'create-job': 'newJobs',
  'delete-application': 'deletedApplications',
  'delete-candidate': 'deletedCandidates',
  'add-resume': 'newResumes',
  'delete-job': 'deletedJobs',
  'merge-candidates': 'merges',
  'anonymize-candidate': 'anonymized',
  'set-confidential': 'confidentialities',
};

const NONE = {
  moves: 0,
  edits: 0,
  newCandidates: 0,
  rejections: 0,
  hires: 0,
  jobsOpened: 0,
  jobsClosed: 0,
  newJobs: 0,
};

/** Makes the operations that a request lists, then as many at random as it asks for; fewer when there is nothing left to change. */
export function applyChanges(
  state: LeverState,
  request: ChangeRequest,
): { readonly made: Readonly<Record<string, number>>; readonly operations: readonly AppliedChange[] } {
  const made: Record<string, number> = { ...NONE };
  const operations: AppliedChange[] = [];
  const run = (operation: Operation): void => {
    operations.push(applyOperation(state, operation));
    made[COUNTED[operation.op]] = (made[COUNTED[operation.op]] ?? 0) + 1;
  };
  const listed = (request.operations ?? []).map(parseOperation);
  for (const operation of listed) run(operation);
  for (const next of randomOperations(state, request)) run(next);
  return { made, operations };
}

/** Lazily, because each is chosen from what those before it left. */
function* randomOperations(state: LeverState, request: ChangeRequest): Generator<Operation> {
  const seed = mix(request.seed ?? state.version, state.seed, 1);
  const used = new Set<number>();
  let draw = 0;
  const times = function* (
    count: number | undefined,
    make: (draw: number) => Operation | undefined,
  ): Generator<Operation> {
    for (let done = 0; done < (count ?? 0); done += 1) {
      const operation = make((draw += 1));
      if (operation !== undefined) yield operation;
    }
  };
  const application = (place: number): { readonly id: string; readonly row: OpportunityRow } | undefined => {
    const row = pickRow(state, seed, place, used, (candidate) => candidate.archived === null);
    return row === undefined ? undefined : { row, id: recordId(state.seed, row.slot, 'opportunity') };
  };

  yield* times(request.moves, (place) => {
    const picked = application(place);
    if (picked === undefined) return undefined;
    const others = state.stages.filter((_stage, index) => index !== picked.row.stage && index > 2);
    return { op: 'move', application: picked.id, toStage: pick(others, seed, place, 2).id };
  });
  yield* times(request.edits, (place) => {
    const row = pickRow(state, seed, place, used, (candidate) => !state.isAnonymized(candidate.contact));
    const set = {
      headline: `Edited headline ${place}`,
      phone: `+1 555 01${String(integer(seed, place, 3, 100)).padStart(2, '0')}`,
    };
    return row === undefined
      ? undefined
      : { op: 'edit-candidate', candidate: recordId(state.seed, row.contact, 'contact'), set };
  });
  yield* times(request.rejections, (place) => {
    const picked = application(place);
    const reasons = state.reasons.filter(({ type, status }) => type === 'non-hired' && status === 'active');
    return picked === undefined
      ? undefined
      : { op: 'reject', application: picked.id, reason: pick(reasons, seed, place, 4).id };
  });
  yield* times(request.hires, (place) => {
    const picked = application(place);
    return picked === undefined ? undefined : { op: 'hire', application: picked.id };
  });
  yield* times(request.newCandidates, (place) => {
    const job = pickPosting(state, seed, place, isOpen);
    if (job === undefined) return undefined;
    const [given, family] = [pick(GIVEN_NAMES, seed, place, 5), pick(FAMILY_NAMES, seed, place, 6)];
    const email = `${given[1]}.${family[1]}.${state.contactsEnd}@example.test`;
    return {
      op: 'create-candidate',
      job: job.id,
      name: `${given[0]} ${family[0]}`,
      email,
      resume: integer(seed, place, 7, 2) === 0,
    };
  });
  yield* times(request.newJobs, (place) => ({
    op: 'create-job',
    name: `New ${pick(JOB_TITLES, seed, place, 8)[0]} ${place}`,
    status: 'published',
  }));
  yield* times(request.jobsOpened, (place) =>
    jobOperation(
      'open-job',
      pickPosting(state, seed, place, ({ state: now }) => now === 'closed'),
    ),
  );
  yield* times(request.jobsClosed, (place) => jobOperation('close-job', pickPosting(state, seed, place, isOpen)));
  yield* times(request.unrejections, (place) => {
    const rejected = ({ archived }: OpportunityRow): boolean => archived !== null && archived.reason !== HIRED_REASON;
    const row = pickRow(state, seed, place, used, rejected);
    return row === undefined
      ? undefined
      : { op: 'unarchive', application: recordId(state.seed, row.slot, 'opportunity') };
  });
  yield* times(request.deletedApplications, (place) => {
    const picked = application(place);
    return picked === undefined ? undefined : { op: 'delete-application', application: picked.id };
  });
  const person = (place: number): string | undefined => {
    const row = pickRow(state, seed, place, used, ({ contact }) => !state.isAnonymized(contact));
    return row === undefined ? undefined : recordId(state.seed, row.contact, 'contact');
  };
  yield* times(request.deletedCandidates, (place) => {
    const candidate = person(place);
    return candidate === undefined ? undefined : { op: 'delete-candidate', candidate };
  });
  yield* times(request.merges, (place) => {
    const [primary, secondary] = [person(place), person(place)];
    if (primary === undefined || secondary === undefined) return undefined;
    return { op: 'merge-candidates', primary, secondary };
  });
  yield* times(request.anonymized, (place) => {
    const candidate = person(place);
    return candidate === undefined ? undefined : { op: 'anonymize-candidate', candidate };
  });
}

function jobOperation(op: 'open-job' | 'close-job', posting: Posting | undefined): Operation | undefined {
  return posting === undefined ? undefined : { op, job: posting.id };
}

function pickPosting(
  state: LeverState,
  seed: number,
  place: number,
  test: (posting: Posting) => boolean,
): Posting | undefined {
  const postings = state.livePostings.filter((posting) => !posting.confidential && test(posting));
  return postings.length === 0 ? undefined : pick(postings, seed, place, 9);
}

/** An in-scope row of somebody whom no change of this request has met yet: the first that fits from a random place on. */
function pickRow(
  state: LeverState,
  seed: number,
  place: number,
  used: Set<number>,
  test: (row: OpportunityRow) => boolean,
): OpportunityRow | undefined {
  const end = state.slotsEnd;
  const start = integer(seed, place, 10, Math.ceil(end / SLOTS_PER_CONTACT)) * SLOTS_PER_CONTACT;
  for (let step = 0; step < end; step += 1) {
    const row = state.row((start + step) % end);
    if (row === undefined || used.has(row.contact) || row.posting < 0 || row.confidential) continue;
    if (!isOpen(at(state.postings, row.posting)) || !test(row)) continue;
    used.add(row.contact);
    return row;
  }
  return undefined;
}
