import { AtsError } from '../support/ats-error.js';
import type { PlanLimit } from './plan-limits.port.js';

/** Sign-ins that are in the way and give their places back when nobody finishes them. */
export interface SignInsInTheWay {
  readonly count: number;
  /** When the first of them has given its place back. */
  readonly freeBy: Date;
}

/** No further connection; `inUse` are. For programs: `plan`, `limit`, `inUse`, `upgrade`. */
export function planLimitReached(limit: PlanLimit, inUse: number): AtsError {
  const disconnect = inUse === 1 ? 'Disconnect the other one' : 'Disconnect one of them';
  return refusal(limit, inUse, '.', disconnect);
}

/** No further connection until one of the sign-ins has ended, which are among those `inUse`. For programs also: `signingIn`. */
export function planLimitReachedFor(limit: PlanLimit, inUse: number, { count, freeBy }: SignInsInTheWay): AtsError {
  const [which, first] = count === 1 ? ['is a sign-in', 'it is'] : ['are sign-ins', 'the first is'];
  const until = `${first} given up by ${minuteAfter(freeBy)} UTC if nobody finishes it`;
  const wait = inUse === count ? 'Wait for it' : 'Wait for it, disconnect one of the others';
  return refusal(limit, inUse, `, of which ${count} ${which} that somebody began; ${until}.`, wait, {
    signingIn: count,
  });
}

function refusal(limit: PlanLimit, inUse: number, about: string, advice: string, more: object = {}): AtsError {
  const upgrade = upgradeAdvice(limit);
  return new AtsError(
    'plan-limit-reached',
    `The plan "${limit.plan}" allows ${limit.connections} ATS connection(s) and ${inUse} are in use${about} ${
      limit.connections === 0 ? upgrade : `${advice}, or ${lowerFirst(upgrade)}`
    }`,
    { details: { plan: limit.plan, limit: limit.connections, inUse, upgrade, ...more } },
  );
}

/** `HH:MM`, never before the moment. */
function minuteAfter(moment: Date): string {
  return new Date(Math.ceil(moment.getTime() / 60_000) * 60_000).toISOString().slice(11, 16);
}

/** Why a connection does not sync although nothing is wrong with it. */
export function suspensionReason(limit: PlanLimit): string {
  const allows =
    limit.connections === 0 ? 'no ATS connection' : `${limit.connections} ATS connection(s), which older ones use`;
  const otherwise = limit.connections === 0 ? '' : ' Or disconnect an older one.';
  return `The plan "${limit.plan}" allows ${allows}, so this one is suspended: nothing is synced, what was imported stays. ${upgradeAdvice(limit)}${otherwise}`;
}

function upgradeAdvice({ connections, upgradeTo }: PlanLimit): string {
  if (connections === 0)
    return `Upgrade ${upgradeTo === undefined ? 'the plan' : `to ${upgradeTo}`} to connect an ATS.`;
  return `Upgrade to ${upgradeTo ?? 'Enterprise'} to connect several ATSs.`;
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
