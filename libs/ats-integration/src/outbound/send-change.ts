import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { conflictPolicyOf } from '../connections/connection-settings.js';
import type { ApplicationState, Move } from '../contract/stage-change.js';
import { ProviderFault } from '../contract/fault.js';
import { nameOf } from '../schedule/sweep.js';
import { AtsError } from '../support/ats-error.js';
import { AtsOptions } from '../support/options-token.js';
import { actingUserOf } from './acting-user.js';
import { Attempts } from './attempts.js';
import type { ClaimedChange } from './change-claims.js';
import { ChangeEndings } from './change-endings.js';
import type { Worked } from './change-endings.js';
import { ChangeRoute } from './change-route.js';
import type { Route } from './change-route.js';
import { goesOn } from './decide-conflict.js';
import { verdictOnRead, verdictOnSend } from './fault-policy.js';
import { judgeAttempt } from './judge-attempt.js';
import type { Attempt } from './judge-attempt.js';
import { planMove } from './plan-move.js';
import type { Target } from './plan-move.js';
import { standingOf } from './standing.js';

/** No plan has more than two writes, each with a look before and after it. */
const MOST_LOOKS = 6;

/** What a look led to: the end of the work, or another look at once. */
type Step = { readonly ended: Worked } | 'look';

/**
 * THE way of one stage change, top to bottom: read the application → what became of the write before → where it is to go →
 * the next single write, written down first → read back. A write whose outcome is not known is never repeated before
 * the ATS was asked what became of it.
 */
@Injectable()
export class SendChange {
  readonly #logger = new Logger('AtsOutbound');

  constructor(
    private readonly em: EntityManager,
    private readonly routes: ChangeRoute,
    private readonly attempts: Attempts,
    private readonly endings: ChangeEndings,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  /** @throws ChangeLost */
  async work(change: ClaimedChange, stopping: AbortSignal): Promise<Worked> {
    const route = this.routes.of(change, stopping);
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      const step = await this.#look(route);
      if (step !== 'look') return step.ended;
    }
    const why = { code: 'waiting', sentence: `${route.ats} keeps changing this application; it is looked at again.` };
    return this.endings.lookAgain(change, this.#settleMs, why);
  }

  get #settleMs(): number {
    return this.options.outbound.settleSeconds * 1000;
  }

  async #look(route: Route): Promise<Step> {
    const { change, ats } = route;
    const attempt = await this.attempts.open(change);
    const openEnd = attempt === null ? null : ({ id: attempt.id, outcome: 'unclear' } as const);
    let state: ApplicationState | null;
    try {
      state = await route.read();
    } catch (error) {
      this.#tell(change, error);
      return ended(await this.endings.stopped(change, verdictOnRead(error), ats, null, openEnd));
    }
    if (state === null) {
      const why = `${ats} no longer has this application, or this connection may not see it.`;
      return ended(await this.endings.refuse(change, { code: 'gone', why, ats }, null, openEnd));
    }
    if (attempt !== null) {
      const step = await this.#after(route, attempt, state);
      if (step !== null) return step;
    }
    return this.#next(route, state);
  }

  /** What became of the write before; null: the change goes on from here. */
  async #after({ change, ats }: Route, attempt: Attempt, state: ApplicationState): Promise<Step | null> {
    const { endings, attempts } = this;
    const standing = standingOf(state);
    const judgement = judgeAttempt(attempt, standing, this.#settleMs);
    switch (judgement.outcome) {
      case 'wait': {
        const why = { code: 'checking', sentence: `Elly waits to see whether ${ats} took the move.` };
        return ended(await endings.lookAgain(change, judgement.ms, why));
      }
      case 'applied': {
        if (attempt.move.kind === 'unreject') {
          await attempts.end(change, attempt.id, 'applied', judgement.movedOn ? null : standing);
          change.baseline = judgement.movedOn ? change.baseline : standing;
          return null;
        }
        const movedOn = judgement.movedOn
          ? `${ats} took the move; somebody moved the application on there since.`
          : null;
        return ended(await endings.confirm(change, state, attempt, movedOn));
      }
      case 'not-applied': {
        await attempts.end(change, attempt.id, 'not-applied', null);
        return ended(await endings.notTaken(change, await attempts.failed(change), ats, state));
      }
      case 'unclear': {
        const why = `Nobody can tell whether ${ats} took the move: the connection broke while it was sent, and the application was changed there meanwhile. Look at it there, and move it again if need be.`;
        const end = { id: attempt.id, outcome: 'unclear' } as const;
        return ended(await endings.refuse(change, { code: 'unclear', why, ats }, state, end));
      }
      default:
        return judgement satisfies never;
    }
  }

  async #next(route: Route, state: ApplicationState): Promise<Step> {
    const { change, ats, capability } = route;
    const standing = standingOf(state);
    const refuse = async (code: string, why: string): Promise<Step> =>
      ended(await this.endings.refuse(change, { code, why, ats }, state, null));
    let answer;
    try {
      answer = await route.target(standing);
    } catch (error) {
      this.#tell(change, error);
      return ended(await this.endings.stopped(change, verdictOnRead(error), ats, state, null));
    }
    const plan = answer.found === 'target' ? planMove(standing, answer.target, capability.moves) : null;
    if (plan?.step === 'done') return ended(await this.endings.confirm(change, state, null, null));
    if (!goesOn(change.baseline, standing, change.requestedAt, conflictPolicyOf(change.connection.settings))) {
      return refuse(
        'moved-in-ats',
        `Somebody moved this application in ${ats}, ${placeOf(state)}, and that counts more.`,
      );
    }
    if (answer.found === 'nothing') return refuse(answer.code, answer.why);
    if (answer.found === 'unmapped') return ended(await route.park(answer.stage));
    if (plan === null || plan.step === 'impossible') {
      return refuse('impossible', `${ats} ${plan?.why ?? 'has no such move'}.`);
    }
    const missing = missingScopes(route, plan.move, answer.target);
    if (missing.length > 0) {
      return refuse(
        'forbidden-scope',
        `This connection may not do that in ${ats}. An admin has to reconnect ${ats} and allow: ${missing.join(', ')}.`,
      );
    }
    return this.#send(route, state, plan.move);
  }

  async #send(route: Route, state: ApplicationState, move: Move): Promise<Step> {
    const { change, ats, capability } = route;
    const asksForUser = capability.actsAs === 'parameter';
    const actor = asksForUser ? await actingUserOf(this.em.fork(), change.connection, change.actorEmail) : null;
    const attempt = await this.attempts.begin(change, standingOf(state), move, actor);
    try {
      await route.send(state, move, actor);
    } catch (error) {
      this.#tell(change, error);
      const verdict = verdictOnSend(error);
      if (verdict.action === 'unclear') return 'look';
      // It stands open only as long as it may have happened.
      if (verdict.action !== 'refuse') await this.attempts.end(change, attempt, 'refused', null);
      const end = verdict.action === 'refuse' ? ({ id: attempt, outcome: 'refused' } as const) : null;
      // What was refused is often refused because somebody was faster: show what is true now.
      const now = await route.read().catch(() => state);
      return ended(await this.endings.stopped(change, verdict, ats, now, end));
    }
    await this.attempts.answered(attempt);
    return 'look';
  }

  /** A fault of the ATS is told to whoever moved; what is ours, to the operator. */
  #tell(change: ClaimedChange, error: unknown): void {
    if (error instanceof ProviderFault || error instanceof AtsError) return;
    this.#logger.warn(`Stage change ${change.id} was interrupted and is looked at again: ${nameOf(error)}`);
  }
}

function ended(worked: Worked): Step {
  return { ended: worked };
}

function placeOf(state: ApplicationState): string {
  if (state.status === 'rejected') return 'where it is rejected now';
  if (state.status === 'hired') return 'where the person is hired now';
  return state.stageName === null ? 'to another stage' : `to "${state.stageName}"`;
}

/** Of both steps, where there are two: half a move is worse than none. */
function missingScopes({ capability, change }: Route, move: Move, target: Target): string[] {
  const granted = change.connection.scopes;
  // The authorisation server did not say what it granted.
  if (granted.length === 0) return [];
  const needed = [move.kind, target.kind].flatMap((kind) => capability.scopes[kind] ?? []);
  return [...new Set(needed)].filter((scope) => !granted.includes(scope));
}
