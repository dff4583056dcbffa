import { ProviderFault } from '../contract/fault.js';
import { AtsError } from '../support/ats-error.js';
import { RunLost } from './claimed-run.js';
import type { ClaimedRun } from './claimed-run.js';

/** What becomes of a run that met a failure. Its cursors stay where its data is, whatever it is. */
export type Verdict =
  /** Somebody else has it, or it was stopped: write nothing. */
  | { readonly action: 'let-go' }
  /** Continue at the cursors after this long. */
  | { readonly action: 'retry'; readonly afterMs: number }
  /** The run is over; the next scheduled one is tried as usual. */
  | { readonly action: 'fail'; readonly code: string; readonly message: string }
  /** The run is over and so is the authorisation. */
  | { readonly action: 'reconnect'; readonly code: string; readonly message: string }
  /** The run is over; the plan does not cover the connection. */
  | { readonly action: 'suspend'; readonly code: string; readonly message: string };

/** Attempts in a row that committed no page before a run is given up. */
const MOST_ATTEMPTS = 6;
const FIRST_WAIT_SECONDS = 5;
const LONGEST_WAIT_MS = 15 * 60_000;

/** The one place that says what a fault means. */
export function verdictOn(error: unknown, run: ClaimedRun, firstWaitSeconds = FIRST_WAIT_SECONDS): Verdict {
  const later = (
    ...how: [code: string, message: string, retryAfterMs: number | null, mostAttempts?: number]
  ): Verdict => tryAgain(run, firstWaitSeconds, ...how);
  if (error instanceof RunLost) return { action: 'let-go' };
  // Disconnected while the run was at it.
  if (error instanceof AtsError && error.code === 'not-connected') return { action: 'let-go' };
  if (error instanceof AtsError && error.code === 'over-plan-limit') {
    return { action: 'suspend', code: error.code, message: error.message };
  }
  if (!(error instanceof ProviderFault)) {
    // Our own database or the host's pipeline: nothing of the page was kept, so it is safe to do it again.
    const message = `The sync was interrupted by an error inside Elly (${error instanceof Error ? error.name : 'unknown'}). Nothing was lost.`;
    return later('internal', message, null);
  }
  switch (error.code) {
    case 'auth-revoked':
      return { action: 'reconnect', code: error.code, message: error.message };
    case 'rate-limited':
    case 'unavailable':
      return later(error.code, error.message, error.retryAfterMs ?? null);
    case 'cursor-expired':
      // The stream was begun anew already and its cursor expired again.
      return later(error.code, error.message, null);
    case 'unexpected-shape':
      // Half an answer or a proxy's page is often gone a minute later; a changed API is not.
      return later(error.code, error.message, null, 3);
    case 'forbidden-scope':
    case 'not-found':
    case 'invalid-request':
      return { action: 'fail', code: error.code, message: error.message };
    default:
      return unknownFault(error.code);
  }
}

function tryAgain(
  run: ClaimedRun,
  firstWaitSeconds: number,
  code: string,
  message: string,
  retryAfterMs: number | null,
  mostAttempts = MOST_ATTEMPTS,
): Verdict {
  const attempts = run.pages > 0 ? 1 : run.attempts;
  if (attempts >= mostAttempts) return { action: 'fail', code, message };
  const waitMs = Math.min(firstWaitSeconds * 1000 * 3 ** (attempts - 1), LONGEST_WAIT_MS) * (0.8 + Math.random() * 0.4);
  return { action: 'retry', afterMs: Math.max(waitMs, retryAfterMs ?? 0) };
}

function unknownFault(code: never): never {
  throw new Error(`No policy for the fault ${String(code)}.`);
}
