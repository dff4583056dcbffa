import type { EntityManager } from '@mikro-orm/postgresql';
import { raiseIssue } from '../connections/issues.js';
import type { RecordKind } from '../contract/records.js';
import type { GoneRecord } from '../contract/tombstone.js';
import { writeEvents } from '../events/outbox.js';
import { countHeld, holdDeletions, readDecisions } from '../records/held-deletions.js';
import { countLiving, countRecent, noteRecent } from '../records/recent-deletions.js';
import type { RunningSync } from './running-sync.js';
import type { SyncRules } from './sync-rules.js';

export const MASS_DELETION = 'mass-deletion';

export const MANY: Readonly<Record<RecordKind, string>> = {
  user: 'users',
  job: 'jobs',
  stage: 'stages',
  candidate: 'candidates',
  application: 'applications',
  resume: 'résumés',
  'stage-stay': 'entries of the stage history',
};

/** What the ATS tells of within this time counts together: a script that deletes comes page by page and hook by hook. */
const WINDOW_MS = 60 * 60 * 1000;

type Braked = Pick<RunningSync, 'run' | 'rules' | 'index'>;

/** Of so many living ones, how many may be marked without a person. */
export function brakeOf(
  { deletionBrake: { share, atLeast } }: Pick<SyncRules, 'deletionBrake'>,
  living: number,
): number {
  return Math.max(atLeast, Math.floor(living * share));
}

/**
 * Of what the ATS says is gone or hidden, what may be marked now. With more of a kind than the brake allows, within the
 * hour and over all pages and webhooks, the rest waits for a person. To erase who was anonymised is a duty and waits for nobody.
 */
export async function brakeDeletions(
  em: EntityManager,
  sync: Braked,
  gone: readonly GoneRecord[],
  now: Date,
): Promise<GoneRecord[]> {
  const passed = gone.filter(({ tombstone }) => tombstone === 'anonymised');
  const braked = gone.filter(({ tombstone }) => tombstone !== 'anonymised');
  for (const kind of new Set(braked.map((record) => record.kind))) {
    const ofKind = new Map(braked.filter((record) => record.kind === kind).map((record) => [record.remoteId, record]));
    passed.push(...(await brakeKind(em, sync, kind, ofKind, now)));
  }
  if (passed.some(({ tombstone }) => tombstone === 'merged')) sync.index.merges = true;
  return passed;
}

async function brakeKind(
  em: EntityManager,
  sync: Braked,
  kind: RecordKind,
  gone: ReadonlyMap<string, GoneRecord>,
  now: Date,
): Promise<GoneRecord[]> {
  const connectionId = sync.run.connection.id;
  const decisions = await readDecisions(em, connectionId, kind, [...gone.keys()]);
  const decided = (wanted: string | null): GoneRecord[] =>
    [...gone.values()].filter(({ remoteId }) => decisions.get(remoteId) === wanted);
  const [fresh, approved] = [decided(null), decided('approved')];
  if (fresh.length === 0) return approved;
  const recent = await countRecent(em, connectionId, kind, new Date(now.getTime() - WINDOW_MS));
  const count = recent + fresh.length;
  if (count > sync.rules.deletionBrake.atLeast) {
    const living = await countLiving(em, connectionId, kind);
    if (count > brakeOf(sync.rules, living)) {
      await hold(em, sync, kind, fresh, now);
      return approved;
    }
  }
  await noteRecent(em, connectionId, kind, fresh.length, now);
  return [...approved, ...fresh];
}

async function hold(
  em: EntityManager,
  { run, rules, index }: Braked,
  kind: RecordKind,
  fresh: readonly GoneRecord[],
  now: Date,
): Promise<void> {
  const connectionId = run.connection.id;
  index.held = true;
  await holdDeletions(em, connectionId, 'news', fresh, now);
  const count = await countHeld(em, connectionId, kind);
  const { name } = rules.provider;
  const message =
    `${name} says of ${count} more ${MANY[kind]} that they were deleted, merged or hidden. That is more than usual within an hour, so none of them was marked. ` +
    `If that was done on purpose, approve it; if not, reject it, and check in ${name} who did it.`;
  await raiseIssue(em, run.connection, { code: MASS_DELETION, subject: kind, message }, now);
  await writeEvents(em, { ...run.connection, connectionId }, now, [
    { type: 'deletions.held', runId: run.id, kind, count },
  ]);
}
