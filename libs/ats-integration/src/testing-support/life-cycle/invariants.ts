import { LEGAL_TRANSITIONS } from '../../connections/connection-status.js';
import type { Request } from './grant-server.js';
import type { ModelState } from './model-state.js';
import type { Observation, SeenConnection } from './observation.js';

export interface Evidence {
  readonly before: Observation;
  readonly now: Observation;
  /** What the model held for possible before the operations, and holds for possible now. */
  readonly believedBefore: readonly ModelState[];
  readonly believed: readonly ModelState[];
  /** All that the server heard, and how much of it was new. */
  readonly requests: readonly Request[];
  readonly heardBefore: number;
  readonly mayRefresh: ReadonlyMap<string, number>;
}

/** What must hold at every moment, whatever the model says. Returns a sentence for each breach. */
export function breaches(evidence: Evidence): string[] {
  const { connections } = evidence.now;
  return [
    ...connections.flatMap((connection) => ofConnection(connection)),
    ...ofAccounts(connections),
    ...ofPlaces(evidence),
    ...ofCredits(evidence.now),
    ...ofRecords(evidence),
    ...ofMoves(evidence.now),
    ...ofRequests(evidence),
  ];
}

function ofConnection({ id, status, dead, sealed, grant, issues, activeRuns }: SeenConnection): string[] {
  const about = `${status} connection ${id}`;
  const found: string[] = [];
  const usable = status === 'active' || status === 'suspended' || status === 'reconnect_required';
  if (usable && grant === null) found.push(`${about} has no credentials that belong to a grant`);
  if (!usable && sealed) found.push(`${about} holds credentials`);
  const asked = issues.filter((code) => code === 'reconnect-required').length;
  const over = status === 'reconnect_required' || (status === 'suspended' && dead);
  if (asked !== (over ? 1 : 0)) found.push(`${about} has ${asked} open issues that ask for a sign-in`);
  if (dead !== over) found.push(`${about} ${dead ? 'has' : 'has no'} dead grant`);
  const held = issues.filter((code) => code === 'suspended').length;
  if (held !== (status === 'suspended' ? 1 : 0)) found.push(`${about} has ${held} open issues about the plan`);
  if (status === 'disconnected' && issues.length > 0) found.push(`${about} has open issues: ${issues.join(', ')}`);
  if (activeRuns > (status === 'active' ? 1 : 0)) found.push(`${about} has ${activeRuns} active runs`);
  return found;
}

function ofAccounts(connections: readonly SeenConnection[]): string[] {
  const linked = connections.filter(({ status, account }) => account !== null && status !== 'disconnected');
  const keys = linked.map(({ workspace, provider, account }) => `${workspace} ${provider} ${account}`);
  return keys.filter((key, index) => keys.indexOf(key) !== index).map((key) => `${key} is connected twice`);
}

function ofPlaces({ now, believed }: Evidence): string[] {
  const [state] = believed;
  if (state === undefined) return [];
  return Object.keys(state.plans).flatMap((workspace) => {
    const held = now.connections.filter((connection) => connection.workspace === workspace && connection.holdsPlace);
    const bound = believed.every(({ unenforced }) => unenforced[workspace] !== true);
    return bound && held.length > state.limitOf(workspace)
      ? [`${workspace} holds ${held.length} places of ${state.limitOf(workspace)}`]
      : [];
  });
}

function ofCredits({ connections, credits, marked }: Observation): string[] {
  const activated = connections.reduce((sum, { events }) => sum + (events['connection.activated'] ?? 0), 0);
  const signingIn = connections.filter(({ status }) => status === 'authorizing').map(({ id }) => id);
  // What a ledger that failed did not release is left to the sweep, which goes by the mark.
  const open = new Set([...signingIn, ...marked]);
  const idle = credits.reserved.filter((key) => !open.has(key.split(':')[1] ?? ''));
  return [
    ...(credits.committed === activated ? [] : [`${credits.committed} credits paid for ${activated} connects`]),
    ...idle.map((key) => `the credit ${key} is reserved for nothing, and no sweep will find it`),
  ];
}

function ofRecords({ before, now }: Evidence): string[] {
  return Object.entries(before.records)
    .filter(([key, id]) => now.records[key] !== id)
    .map(([key]) => `the record ${key} is gone or another one`);
}

function ofMoves({ moves }: Observation): string[] {
  return moves.flatMap(({ id, before, after, epochBefore, epochAfter }) => [
    ...(before === after || LEGAL_TRANSITIONS[before].includes(after)
      ? []
      : [`connection ${id} went from ${before} to ${after}`]),
    ...(epochAfter < epochBefore ? [`the epoch of connection ${id} went back`] : []),
  ]);
}

function ofRequests(evidence: Evidence): string[] {
  const { requests, heardBefore, believedBefore, believed, mayRefresh } = evidence;
  const fresh = requests.slice(heardBefore);
  const returned = (states: readonly ModelState[], id: string | null) =>
    states.every(({ grants }) => grants.some((grant) => grant.id === id && grant.fate === 'returned'));
  const found = fresh.flatMap(({ at, grant, token }) => {
    if (grant === null) return [`${at}: a token that was never issued, ${token}`];
    if (at === 'revoke') return returned(believed, grant) ? [] : [`the grant ${grant}, in use, was revoked`];
    return returned(believedBefore, grant) ? [`${at}: the grant ${grant} was used after its disconnect`] : [];
  });
  const refreshes = requests.filter(({ at }) => at === 'refresh');
  for (const { token, grant } of fresh.filter(({ at }) => at === 'refresh')) {
    const tries = refreshes.filter((request) => request.token === token);
    const unanswered = tries.filter(({ answered }) => answered === 'unavailable' || answered === 'lost').length;
    if (tries.length - unanswered > 1) found.push(`the refresh token ${token} was used ${tries.length} times`);
    const all = refreshes.filter((request) => request.grant === grant).length;
    const allowed = mayRefresh.get(grant ?? '') ?? 0;
    if (all > allowed) found.push(`the grant ${grant} was refreshed ${all} times for ${allowed} reasons`);
  }
  return found;
}
