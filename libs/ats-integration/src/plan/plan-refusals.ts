import { AtsError } from '../support/ats-error.js';
import type { PlanLimit } from './plan-limits.port.js';

/** No further connection; `inUse` are. For programs: `plan`, `limit`, `inUse`, `upgrade`. */
export function planLimitReached(limit: PlanLimit, inUse: number): AtsError {
  const disconnect = inUse === 1 ? 'Disconnect the other one' : 'Disconnect one of them';
  const advice =
    limit.connections === 0 ? upgradeAdvice(limit) : `${disconnect}, or ${lowerFirst(upgradeAdvice(limit))}`;
  return new AtsError(
    'plan-limit-reached',
    `The plan "${limit.plan}" allows ${limit.connections} ATS connection(s) and ${inUse} are in use. ${advice}`,
    { details: { plan: limit.plan, limit: limit.connections, inUse, upgrade: upgradeAdvice(limit) } },
  );
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
