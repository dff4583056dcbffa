import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { markReconnectRequired } from '../connections/standstill.js';
import type { ApplicationState } from '../contract/stage-change.js';
import { Clock } from '../support/clock.js';
import { AtsOptions } from '../support/options-token.js';
import { MOST_TRIES, backOffMs } from './back-off.js';
import { ChangeClaims } from './change-claims.js';
import type { ClaimedChange } from './change-claims.js';
import type { ReadVerdict } from './fault-policy.js';
import type { Attempt } from './judge-attempt.js';
import { SettleChange } from './settle-change.js';
import type { Settlement } from './settle-change.js';

/** How work on a change ended: after so many milliseconds the application is looked at again; null: by somebody else, or never. */
export type Worked = { readonly againMs: number } | null;

const RATE_LIMITED_MS = 5_000;
const SETTLED: Worked = { againMs: 0 };

/** The ends of a step: settled, to be looked at again later, or waiting for somebody to sign in. */
@Injectable()
export class ChangeEndings {
  readonly #logger = new Logger('AtsOutbound');

  constructor(
    private readonly em: EntityManager,
    private readonly claims: ChangeClaims,
    private readonly settling: SettleChange,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  async confirm(
    change: ClaimedChange,
    state: ApplicationState,
    attempt: Attempt | null,
    movedOn: string | null,
  ): Promise<Worked> {
    await this.settling.settle(change, {
      status: 'confirmed',
      code: movedOn === null ? null : 'moved-on',
      reason: movedOn,
      state,
      atTarget: movedOn === null,
      attempt: attempt === null ? null : { id: attempt.id, outcome: 'applied' },
    });
    return SETTLED;
  }

  /** `ats`: its name; `why`: a sentence, to which is added where the application stands now. */
  async refuse(
    change: ClaimedChange,
    refusal: { readonly code: string; readonly why: string; readonly ats: string },
    state: ApplicationState | null,
    attempt: Settlement['attempt'],
  ): Promise<Worked> {
    const { code, why, ats } = refusal;
    this.#logger.warn(`Stage change ${change.id} of connection ${change.connection.id} was refused: ${code}.`);
    await this.settling.settle(change, {
      status: 'refused',
      code,
      reason: `${why} The application is ${state === null ? `where ${ats} had it last` : `back where ${ats} has it`}.`,
      state,
      atTarget: false,
      attempt,
    });
    return SETTLED;
  }

  /** A write that never happened, the last of so many: it is sent again, ever later, for as long as reads would be tried. */
  async notTaken(change: ClaimedChange, times: number, ats: string, state: ApplicationState): Promise<Worked> {
    if (times >= MOST_TRIES) {
      const why = `${ats} did not take the move, although it was sent ${times} times.`;
      return this.refuse(change, { code: 'not-taken', why, ats }, state, null);
    }
    const sentence = `${ats} has not taken the move yet; it is sent again.`;
    return this.lookAgain(change, backOffMs(this.options.sync.retrySeconds, times - 1), { code: 'waiting', sentence });
  }

  /** The ATS shows nothing new yet. */
  async lookAgain(change: ClaimedChange, afterMs: number, why: { code: string; sentence: string }): Promise<Worked> {
    await this.claims.release(change, afterMs, { failed: false, why });
    return { againMs: afterMs };
  }

  /** The application could not be read, or nothing was written and it is not the application's fault. */
  async stopped(
    change: ClaimedChange,
    verdict: ReadVerdict,
    ats: string,
    state: ApplicationState | null,
    attempt: Settlement['attempt'],
  ): Promise<Worked> {
    switch (verdict.action) {
      case 'let-go':
        return null;
      case 'refuse':
        return this.refuse(change, givenUp(verdict.code, verdict.why, ats, attempt), state, attempt);
      case 'reconnect':
        await markReconnectRequired(this.em.fork(), change.connection, verdict.why, this.clock.now(), {
          epoch: change.connection.epoch,
        });
        await this.claims.release(change, 0, {
          failed: false,
          why: { code: 'reconnect-required', sentence: `It waits until somebody signs in to ${ats} again.` },
        });
        return null;
      case 'later': {
        if (verdict.counts && change.failures + 1 >= MOST_TRIES) {
          const why = `${ats} could not be reached for a long time, so the move was given up: ${verdict.why}`;
          return this.refuse(change, givenUp('unreachable', why, ats, attempt), state, attempt);
        }
        const afterMs = this.#waitOf(change, verdict);
        await this.claims.release(change, afterMs, {
          failed: verdict.counts,
          why: { code: 'waiting', sentence: `It is tried again: ${verdict.why}` },
        });
        return { againMs: afterMs };
      }
      default:
        return verdict satisfies never;
    }
  }

  #waitOf(change: ClaimedChange, verdict: Extract<ReadVerdict, { action: 'later' }>): number {
    if (!verdict.counts) return verdict.afterMs ?? RATE_LIMITED_MS;
    return Math.max(backOffMs(this.options.sync.retrySeconds, change.failures), verdict.afterMs ?? 0);
  }
}

/** A write that may have happened is not denied only because the ATS can no longer be asked. */
function givenUp(
  code: string,
  why: string,
  ats: string,
  attempt: Settlement['attempt'],
): { readonly code: string; readonly why: string; readonly ats: string } {
  if (attempt?.outcome !== 'unclear') return { code, why, ats };
  const unclear = `Nobody can tell whether ${ats} took the move: it was sent, and ${ats} could not be asked about it since. Look at it there, and move it again if need be. What ${ats} said: ${why}`;
  return { code: 'unclear', why: unclear, ats };
}
