import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { markReconnectRequired } from '../connections/standstill.js';
import type { CandidateRecord } from '../contract/records.js';
import { MOST_TRIES, backOffMs } from '../outbound/back-off.js';
import type { Worked } from '../outbound/change-endings.js';
import type { ReadVerdict } from '../outbound/fault-policy.js';
import { Clock } from '../support/clock.js';
import { AtsOptions } from '../support/options-token.js';
import { FieldClaims } from './field-claims.js';
import type { ClaimedEdit } from './field-claims.js';
import { SettleFields } from './settle-fields.js';
import type { FieldSettlement } from './settle-fields.js';

const RATE_LIMITED_MS = 5_000;

/** The ends of a step that nobody wished for: refused, to be looked at again later, or waiting for somebody to sign in. */
@Injectable()
export class FieldEndings {
  readonly #logger = new Logger('AtsFieldChanges');

  constructor(
    private readonly em: EntityManager,
    private readonly claims: FieldClaims,
    private readonly settling: SettleFields,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  /** All that is open of it. `ats`: its name; `why`: a sentence, to which is added what the host shows from now on. */
  async refuse(
    edit: ClaimedEdit,
    refusal: { readonly code: string; readonly why: string; readonly ats: string },
    shown: CandidateRecord | null,
    attempt: FieldSettlement['attempt'],
  ): Promise<Worked> {
    const { code, why, ats } = refusal;
    this.#logger.warn(`Field change ${edit.id} of connection ${edit.connection.id} was refused: ${code}.`);
    const reason = `${why} The candidate shows what ${ats} ${shown === null ? 'had last' : 'has'}.`;
    const fields = edit.fields.map(({ field }) => ({ field, status: 'refused', code, reason }) as const);
    await this.settling.settle(edit, { fields, shown, attempt });
    return { againMs: 0 };
  }

  /** A write that never happened, the last of so many: it is sent again, ever later, for as long as reads would be tried. */
  async notTaken(edit: ClaimedEdit, times: number, ats: string, shown: CandidateRecord): Promise<Worked> {
    if (times >= MOST_TRIES) {
      const why = `${ats} did not take the edit, although it was sent ${times} times.`;
      return this.refuse(edit, { code: 'not-taken', why, ats }, shown, null);
    }
    const sentence = `${ats} has not taken the edit yet; it is sent again.`;
    return this.lookAgain(edit, backOffMs(this.options.sync.retrySeconds, times - 1), { code: 'waiting', sentence });
  }

  /** The ATS shows nothing new yet. */
  async lookAgain(edit: ClaimedEdit, afterMs: number, why: { code: string; sentence: string }): Promise<Worked> {
    await this.claims.release(edit, afterMs, { failed: false, why });
    return { againMs: afterMs };
  }

  /** The candidate could not be read, or nothing was written and it is not the edit's fault. */
  async stopped(
    edit: ClaimedEdit,
    verdict: ReadVerdict,
    ats: string,
    shown: CandidateRecord | null,
    attempt: FieldSettlement['attempt'],
  ): Promise<Worked> {
    switch (verdict.action) {
      case 'let-go':
        return null;
      case 'refuse':
        return this.refuse(edit, givenUp(verdict.code, verdict.why, ats, attempt), shown, attempt);
      case 'reconnect':
        await markReconnectRequired(this.em.fork(), edit.connection, verdict.why, this.clock.now(), {
          epoch: edit.connection.epoch,
        });
        await this.claims.release(edit, 0, {
          failed: false,
          why: { code: 'reconnect-required', sentence: `It waits until somebody signs in to ${ats} again.` },
        });
        return null;
      case 'later': {
        if (verdict.counts && edit.failures + 1 >= MOST_TRIES) {
          const why = `${ats} could not be reached for a long time, so the edit was given up: ${verdict.why}`;
          return this.refuse(edit, givenUp('unreachable', why, ats, attempt), shown, attempt);
        }
        const afterMs = this.#waitOf(edit, verdict);
        await this.claims.release(edit, afterMs, {
          failed: verdict.counts,
          why: { code: 'waiting', sentence: `It is tried again: ${verdict.why}` },
        });
        return { againMs: afterMs };
      }
      default:
        return verdict satisfies never;
    }
  }

  #waitOf(edit: ClaimedEdit, verdict: Extract<ReadVerdict, { action: 'later' }>): number {
    if (!verdict.counts) return verdict.afterMs ?? RATE_LIMITED_MS;
    return Math.max(backOffMs(this.options.sync.retrySeconds, edit.failures), verdict.afterMs ?? 0);
  }
}

/** A write that may have happened is not denied only because the ATS can no longer be asked. */
function givenUp(
  code: string,
  why: string,
  ats: string,
  attempt: FieldSettlement['attempt'],
): { readonly code: string; readonly why: string; readonly ats: string } {
  if (attempt?.outcome !== 'unclear') return { code, why, ats };
  const unclear = `Nobody can tell whether ${ats} took the edit: it was sent, and ${ats} could not be asked about it since. Look at them there, and edit them again if need be. What ${ats} said: ${why}`;
  return { code: 'unclear', why: unclear, ats };
}
