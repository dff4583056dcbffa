import { ProviderFault } from '../contract/fault.js';
import type { StoredCredentials } from './credentials.js';

/** What a refresh that brought no tokens means. */
export type RefreshFailure =
  /** `invalid_grant`. */
  | { readonly kind: 'dead'; readonly fault: ProviderFault }
  /** Not asked, or asked to wait: nothing happened there. */
  | { readonly kind: 'not-now'; readonly retryAfterMs: number }
  /** The deployment's client is refused; the customer's authorisation is not touched by it. */
  | { readonly kind: 'client-refused'; readonly retryAfterMs: number }
  /** The answer is not known: new tokens may have been made and lost. */
  | { readonly kind: 'unknown'; readonly retryAfterMs: number };

/** No byte of the request can have arrived. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

export function readFailure(error: unknown): RefreshFailure {
  if (!(error instanceof ProviderFault)) return { kind: 'unknown', retryAfterMs: 0 };
  const retryAfterMs = error.retryAfterMs ?? 0;
  switch (error.code) {
    case 'auth-revoked':
      return { kind: 'dead', fault: error };
    case 'invalid-request':
      return { kind: 'client-refused', retryAfterMs };
    case 'unavailable':
      return wasNotServed(error) ? { kind: 'not-now', retryAfterMs } : { kind: 'unknown', retryAfterMs };
    default:
      return { kind: 'unknown', retryAfterMs };
  }
}

/** A 5xx and a 408 do not say so: a proxy may have given up on a server that went on and renewed. */
function wasNotServed({ status, cause }: ProviderFault): boolean {
  if (status !== undefined) return status === 429;
  return typeof cause === 'object' && cause !== null && 'code' in cause && NEVER_SENT.has(String(cause.code));
}

export function resting(name: string, restsMs: number, cause?: unknown): ProviderFault {
  return new ProviderFault(
    'unavailable',
    `The authorisation of ${name} could not be renewed just now. It is tried again by itself in ${Math.ceil(restsMs / 1000)} s.`,
    { retryAfterMs: restsMs, cause },
  );
}

export function clientRefused(name: string): string {
  return `${name}'s sign-in server refuses this deployment, so no authorisation can be renewed. The customer need do nothing. Operator: check the client id and client secret of ${name} in the options; it is tried again by itself.`;
}

export function notRenewable(name: string): ProviderFault {
  return new ProviderFault(
    'auth-revoked',
    `${name} refused the authorisation and it cannot be renewed. Sign in to ${name} again to reconnect; nothing imported is lost.`,
  );
}

export function cutOff(name: string): ProviderFault {
  return new ProviderFault(
    'auth-revoked',
    `The last renewal of ${name}'s authorisation was cut off before its answer was stored, and ${name} no longer accepts the one before. Sign in to ${name} again to reconnect; nothing imported is lost.`,
  );
}

/** Known to be over; `active` means that somebody signed in again since. */
export function isOver({ status, grantDead }: Pick<StoredCredentials, 'status' | 'grantDead'>): boolean {
  return status === 'reconnect_required' || (status === 'suspended' && grantDead);
}

export function dead(name: string, { statusReason }: Pick<StoredCredentials, 'statusReason'>): ProviderFault {
  return new ProviderFault(
    'auth-revoked',
    statusReason ?? `${name} no longer accepts this authorisation. Sign in to ${name} again to reconnect.`,
  );
}
