import { ProviderFault } from '../contract/fault.js';
import { AtsError } from '../support/ats-error.js';

export type ReadVerdict =
  /** Look again after this long; null: after the usual back-off. `counts`: one of the tries that a change has. */
  | { readonly action: 'later'; readonly afterMs: number | null; readonly counts: boolean; readonly why: string }
  /** The authorisation is gone: it waits for a new one. */
  | { readonly action: 'reconnect'; readonly why: string }
  /** The connection ended: whoever ended it sees to what is open. */
  | { readonly action: 'let-go' }
  | { readonly action: 'refuse'; readonly code: string; readonly why: string };

export type SendVerdict = ReadVerdict | { readonly action: 'unclear'; readonly why: string };

/** What it means that an application could not be read. */
export function verdictOnRead(error: unknown): ReadVerdict {
  if (error instanceof AtsError && error.code === 'not-connected') return { action: 'let-go' };
  if (!(error instanceof ProviderFault)) {
    return { action: 'later', afterMs: null, counts: true, why: 'Elly was interrupted while it looked at the ATS.' };
  }
  switch (error.code) {
    case 'auth-revoked':
      return { action: 'reconnect', why: error.message };
    case 'rate-limited':
      return { action: 'later', afterMs: error.retryAfterMs ?? null, counts: false, why: error.message };
    case 'unavailable':
    case 'unexpected-shape':
    case 'cursor-expired':
      return { action: 'later', afterMs: error.retryAfterMs ?? null, counts: true, why: error.message };
    case 'forbidden-scope':
    case 'not-found':
    case 'invalid-request':
      return { action: 'refuse', code: error.code, why: error.message };
    default:
      return error.code satisfies never;
  }
}

/** What it means that a write threw: whether it may have happened all the same decides everything. */
export function verdictOnSend(error: unknown): SendVerdict {
  // Before a request goes out the library's own errors are thrown; anything unknown may have come after it.
  if (error instanceof ProviderFault || error instanceof AtsError) {
    const unclear = error.code === 'unavailable' || error.code === 'unexpected-shape';
    if (unclear) return { action: 'unclear', why: error.message };
    return verdictOnRead(error);
  }
  return { action: 'unclear', why: 'Elly was interrupted while the move was being sent.' };
}
