import type { AtsProvider, StreamSpec } from '../contract/ats-provider.js';
import type { RecordKind } from '../contract/records.js';
import type { GoneRecord, Tombstone } from '../contract/tombstone.js';
import type { NamedRecords } from './named-records.js';

/** In the order in which they need each other. */
export const READING_ORDER: readonly RecordKind[] = [
  'user',
  'job',
  'stage',
  'application',
  'candidate',
  'resume',
  'stage-stay',
];

/** Of several hints about one record in a round the weightiest counts: what erases first, then what knows where it lives on. */
const WEIGHTS: Readonly<Record<Tombstone, number>> = {
  anonymised: 3,
  merged: 2,
  deleted: 1,
  'permission-lost': 0,
  'out-of-scope': 0,
};

/** What deliveries named, each record once. */
export interface TargetedPlan {
  readonly wanted: ReadonlyMap<RecordKind, ReadonlySet<string>>;
  /** What the ATS hinted at, by kind and remote id. */
  readonly hints: ReadonlyMap<RecordKind, ReadonlyMap<string, GoneRecord>>;
}

/** `also`: what is read along although nobody named it. */
export function planOf(named: readonly NamedRecords[], also: NamedRecords['touched'] = []): TargetedPlan {
  const wanted = new Map<RecordKind, Set<string>>();
  const hints = new Map<RecordKind, Map<string, GoneRecord>>();
  const want = (kind: RecordKind, remoteId: string): void => {
    wanted.set(kind, (wanted.get(kind) ?? new Set()).add(remoteId));
  };
  for (const { touched, gone } of named) {
    for (const { kind, remoteId } of touched) want(kind, remoteId);
    for (const hint of gone) {
      want(hint.kind, hint.remoteId);
      if (hint.intoRemoteId !== null) want(hint.kind, hint.intoRemoteId);
      const ofKind = hints.get(hint.kind) ?? new Map<string, GoneRecord>();
      hints.set(hint.kind, ofKind.set(hint.remoteId, weightier(ofKind.get(hint.remoteId), hint)));
    }
  }
  for (const { kind, remoteId } of also) want(kind, remoteId);
  return { wanted, hints };
}

/**
 * Whom deliveries that come for the first time say to be anonymised. The ATS may go on listing such a person with what it did
 * not erase: that their row is there is no reason to keep the rest.
 */
export function anonymisedIn(named: readonly NamedRecords[]): string[] {
  const hints = named.filter(({ attempts }) => attempts === 0).flatMap(({ gone }) => gone);
  const people = hints.filter(({ kind, tombstone }) => kind === 'candidate' && tombstone === 'anonymised');
  return [...new Set(people.map(({ remoteId }) => remoteId))];
}

function weightier(before: GoneRecord | undefined, hint: GoneRecord): GoneRecord {
  return before !== undefined && WEIGHTS[before.tombstone] > WEIGHTS[hint.tombstone] ? before : hint;
}

/** Candidates who live on as others, by who that is. */
export function survivorsOf({ hints }: TargetedPlan): ReadonlyMap<string, readonly string[]> {
  const survivors = new Map<string, string[]>();
  for (const { remoteId, intoRemoteId } of hints.get('candidate')?.values() ?? []) {
    if (intoRemoteId !== null) survivors.set(intoRemoteId, [...(survivors.get(intoRemoteId) ?? []), remoteId]);
  }
  return survivors;
}

/** The stream in which records of this kind can be asked for by their own ids. */
export function streamOfIds(provider: AtsProvider, kind: RecordKind): StreamSpec<unknown> | undefined {
  return provider.streams.find(({ kinds, modes }) => kinds[0] === kind && modes.includes('ids'));
}

/** A person and an application in one row: the other one's ids bring it along. */
export function streamWith(
  provider: AtsProvider,
  kind: RecordKind,
  partner: RecordKind,
): StreamSpec<unknown> | undefined {
  const stream = streamOfIds(provider, partner);
  return stream?.kinds.includes(kind) === true ? stream : undefined;
}

/** What became of the reading. */
export interface TargetedOutcome {
  /** Asked for by its own id, and not there. */
  readonly missing: ReadonlyMap<RecordKind, ReadonlySet<string>>;
  /** Kinds that the ATS would not give now. */
  readonly failed: ReadonlySet<RecordKind>;
  /** Kinds that cannot be asked for by id: the next poll has them. */
  readonly unreadable: ReadonlySet<RecordKind>;
}

export interface Settlement {
  readonly done: readonly string[];
  /** To be asked for again in a while. */
  readonly later: readonly string[];
  /** Missing for sure, by kind. */
  readonly gone: ReadonlyMap<RecordKind, readonly string[]>;
}

/**
 * What becomes of each delivery. A record that is missing although nobody said that it is gone may not be visible yet (the
 * ATS announces it before its own lists have it): it is asked for once more before that is believed.
 */
export function settlementOf(
  named: readonly NamedRecords[],
  { hints }: TargetedPlan,
  { missing, failed, unreadable }: TargetedOutcome,
  pollSoon: boolean,
): Settlement {
  const done: string[] = [];
  const later: string[] = [];
  const believed = new Map<RecordKind, Set<string>>();
  const believe = (kind: RecordKind, remoteId: string): void => {
    believed.set(kind, (believed.get(kind) ?? new Set()).add(remoteId));
  };
  for (const { id, attempts, touched, gone } of named) {
    const kinds = [...touched, ...gone].map(({ kind }) => kind);
    const unsure = touched.filter(
      ({ kind, remoteId }) => missing.get(kind)?.has(remoteId) === true && hints.get(kind)?.has(remoteId) !== true,
    );
    if (attempts > 0) for (const { kind, remoteId } of unsure) believe(kind, remoteId);
    for (const { kind, remoteId } of gone) if (missing.get(kind)?.has(remoteId) === true) believe(kind, remoteId);
    const waits =
      kinds.some((kind) => failed.has(kind)) ||
      (unsure.length > 0 && attempts === 0) ||
      (!pollSoon && kinds.some((kind) => unreadable.has(kind)));
    (waits ? later : done).push(id);
  }
  return { done, later, gone: new Map([...believed].map(([kind, ids]) => [kind, [...ids]])) };
}
