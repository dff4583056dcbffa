import { Inject, Injectable } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { fieldPolicyOf } from '../connections/connection-settings.js';
import type { CandidateState } from '../contract/field-change.js';
import type { CandidateRecord } from '../contract/records.js';
import type { Worked } from '../outbound/change-endings.js';
import { verdictOnRead, verdictOnSend } from '../outbound/fault-policy.js';
import { AtsOptions } from '../support/options-token.js';
import { decideField } from './decide-field.js';
import type { FieldEdit } from './decide-field.js';
import { FieldAttempts } from './field-attempts.js';
import type { ClaimedEdit } from './field-claims.js';
import { FieldEndings } from './field-endings.js';
import { FieldRoutes } from './field-route.js';
import type { FieldRoute } from './field-route.js';
import { valueOf } from './field-values.js';
import { judgeWrite } from './judge-write.js';
import type { FieldReading, WriteAttempt } from './judge-write.js';
import { SettleFields } from './settle-fields.js';
import type { SettledField } from './settle-fields.js';

/** One write with a look before and after it, and one more for a write that never happened. */
const MOST_LOOKS = 6;
const SETTLED: Worked = { againMs: 0 };

/** What a look led to: the end of the work, or another look at once. */
type Step = { readonly ended: Worked } | 'look';

/**
 * THE way of one edit, top to bottom: read the candidate → what became of the write before → field by field who counts more →
 * one write of what is left, written down first → read back. A write whose outcome is not known is never repeated before
 * the ATS was asked what became of it.
 */
@Injectable()
export class SendFields {
  constructor(
    private readonly routes: FieldRoutes,
    private readonly attempts: FieldAttempts,
    private readonly endings: FieldEndings,
    private readonly settling: SettleFields,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  /** @throws ChangeLost */
  async work(edit: ClaimedEdit, stopping: AbortSignal): Promise<Worked> {
    const route = this.routes.of(edit, stopping);
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      const step = await this.#look(route);
      if (step !== 'look') return step.ended;
    }
    const why = { code: 'waiting', sentence: `${route.ats} keeps changing this candidate; they are looked at again.` };
    return this.endings.lookAgain(edit, this.#settleMs, why);
  }

  get #settleMs(): number {
    return this.options.outbound.settleSeconds * 1000;
  }

  async #look(route: FieldRoute): Promise<Step> {
    const { edit, ats } = route;
    const attempt = await this.attempts.open(edit);
    const openEnd = attempt === null ? null : ({ id: attempt.id, outcome: 'unclear' } as const);
    let state: CandidateState | null;
    try {
      state = await route.read();
    } catch (error) {
      return ended(await this.endings.stopped(edit, verdictOnRead(error), ats, null, openEnd));
    }
    if (state === null) {
      const why = `${ats} no longer has this candidate, or this connection may not see them.`;
      return ended(await this.endings.refuse(edit, { code: 'gone', why, ats }, null, openEnd));
    }
    if (state.record.anonymised) {
      const why = `${ats} erased this person, and nothing of them can be edited any more.`;
      return ended(await this.endings.refuse(edit, { code: 'anonymised', why, ats }, null, openEnd));
    }
    const step = attempt === null ? null : await this.#after(route, attempt, state.record);
    return step ?? this.#next(route, state);
  }

  /** What became of the write before; null: the edit goes on from here. */
  async #after({ edit, ats, label }: FieldRoute, attempt: WriteAttempt, shown: CandidateRecord): Promise<Step | null> {
    const { endings, attempts } = this;
    const written = edit.fields.map(({ field, wanted }) => ({ field, wanted, now: valueOf(shown, field) }));
    const judgement = judgeWrite(attempt, written, shown.updatedAt, this.#settleMs);
    switch (judgement.outcome) {
      case 'wait': {
        const why = { code: 'checking', sentence: `Elly waits to see whether ${ats} took the edit.` };
        return ended(await endings.lookAgain(edit, judgement.ms, why));
      }
      case 'applied': {
        const fields = [...judgement.fields].map(([field, reading]) =>
          settled(field, reading, ats, label(shown, field)),
        );
        await this.settling.settle(edit, { fields, shown, attempt: { id: attempt.id, outcome: 'applied' } });
        return ended(SETTLED);
      }
      case 'not-applied': {
        await attempts.end(edit, attempt.id, 'not-applied');
        return ended(await endings.notTaken(edit, await attempts.failed(edit), ats, shown));
      }
      case 'unclear': {
        const why = `Nobody can tell whether ${ats} took the edit: the connection broke while it was sent, and the candidate was changed there meanwhile. Look at them there, and edit them again if need be.`;
        const end = { id: attempt.id, outcome: 'unclear' } as const;
        return ended(await endings.refuse(edit, { code: 'unclear', why, ats }, shown, end));
      }
      default:
        return judgement satisfies never;
    }
  }

  async #next(route: FieldRoute, state: CandidateState): Promise<Step> {
    const { edit, ats, capability } = route;
    const shown = state.record;
    const fields = edit.fields.flatMap((one) => decided(route, shown, one) ?? []);
    if (fields.length > 0) await this.settling.settle(edit, { fields, shown, attempt: null });
    if (edit.fields.length === 0) return ended(SETTLED);
    const granted = edit.connection.scopes;
    // None are listed where the authorisation server did not say what it granted.
    const missing = granted.length === 0 ? [] : capability.scopes.filter((scope) => !granted.includes(scope));
    if (missing.length > 0) {
      const why = `This connection may not do that in ${ats}. An admin has to reconnect ${ats} and allow: ${missing.join(', ')}.`;
      return ended(await this.endings.refuse(edit, { code: 'forbidden-scope', why, ats }, shown, null));
    }
    return this.#write(route, state);
  }

  async #write(route: FieldRoute, state: CandidateState): Promise<Step> {
    const { edit, ats } = route;
    const attempt = await this.attempts.begin(edit, state.record);
    try {
      await route.write(state);
    } catch (error) {
      const verdict = verdictOnSend(error);
      if (verdict.action === 'unclear') return 'look';
      // It stands open only as long as it may have happened.
      if (verdict.action !== 'refuse') await this.attempts.end(edit, attempt, 'refused');
      const end = verdict.action === 'refuse' ? ({ id: attempt, outcome: 'refused' } as const) : null;
      // What was refused is often refused because somebody was faster: show what is true now.
      const now = await route.read().catch(() => state);
      return ended(await this.endings.stopped(edit, verdict, ats, now?.record ?? state.record, end));
    }
    await this.attempts.answered(attempt);
    return 'look';
  }
}

function ended(worked: Worked): Step {
  return { ended: worked };
}

/** What is settled without a write; null: it is to be written. */
function decided({ edit, ats, label }: FieldRoute, shown: CandidateRecord, one: FieldEdit): SettledField | null {
  const { field } = one;
  const now = { value: valueOf(shown, field), updatedAt: shown.updatedAt };
  const policy = fieldPolicyOf(edit.connection.settings, field);
  const decision = decideField(one, now, edit.requestedAt, policy);
  if (decision === 'write') return null;
  if (decision === 'there') return { field, status: 'confirmed', code: null, reason: null };
  const reason = `Somebody changed "${label(shown, field)}" of this candidate in ${ats}, and that counts more. The candidate shows what ${ats} has.`;
  return { field, status: 'superseded', code: 'changed-in-ats', reason };
}

function settled(field: string, reading: FieldReading, ats: string, label: string): SettledField {
  switch (reading) {
    case 'reached':
      return { field, status: 'confirmed', code: null, reason: null };
    case 'other': {
      const reason = `${ats} took "${label}" and shows something else since: it keeps it in its own form, or somebody changed it there.`;
      return { field, status: 'confirmed', code: 'shown-otherwise', reason };
    }
    case 'ignored': {
      const reason = `${ats} took the edit and left "${label}" as it was. Change it in ${ats}. The candidate shows what ${ats} has.`;
      return { field, status: 'refused', code: 'not-taken', reason };
    }
    default:
      return reading satisfies never;
  }
}
