import { APPLICATION_STATUSES } from '../contract/records.js';
import type { ApplicationState, StageChangeCapability } from '../contract/stage-change.js';
import { MOVE_KINDS } from '../contract/stage-change.js';
import type { ContractCheck, Subject } from './contract-check.js';
import { demand, demandEqual } from './contract-check.js';
import { demandDeclared, proveReading, proveRefusals, proveWrite } from './prove-write.js';
import { isJson } from './record-shapes.js';
import type { MoveCase, StageChangeScenario, Standing } from './scenario-parts.js';
import { respondOver } from './exchange.js';

/** Only for a provider that moves applications. */
export const STAGE_CHANGE_CHECKS: readonly ContractCheck[] = [
  {
    title: 'declares the moves that it makes, once each, with scopes that its manifest has',
    run: (subject) => {
      const { capability } = partsOf(subject);
      const { moves, scopes } = capability;
      demand(moves.length > 0 && new Set(moves).size === moves.length, 'no move is declared, or one twice');
      for (const move of moves) demand(MOVE_KINDS.includes(move), `"${move}" is no move`);
      for (const [move, needed] of Object.entries(scopes)) {
        demand(
          moves.some((declared) => declared === move),
          `scopes are listed for "${move}", which is not declared`,
        );
        demandDeclared(subject, needed, `the move "${move}"`);
      }
      for (const move of moves) demand(scopes[move] !== undefined, `no scopes are listed for the move "${move}"`);
    },
  },
  {
    title: 'reads where an application stands, and null for one that is not there',
    run: async (subject) => {
      const { capability, scenario } = partsOf(subject);
      for (const { application, before, from, move } of scenario.moves) {
        const state = await capability.read(
          subject.context(respondOver(before, subject.scenario.account)),
          application,
        );
        demand(state !== null, `an application that is there is not found before "${move.kind}"`);
        const wrong = wrongWithState(state);
        demand(wrong === null, `the state of an application has ${wrong}`);
        demandStanding(state, from, `before "${move.kind}"`);
      }
      const { application, account } = scenario.absent;
      const absent = await capability.read(
        subject.context(respondOver(account, subject.scenario.account)),
        application,
      );
      demand(absent === null, 'an application that is not there is read as if it were');
    },
  },
  {
    title: 'makes every move with exactly one write, after which the application stands where it was to go',
    run: async (subject) => {
      const { capability, scenario } = partsOf(subject);
      for (const kind of capability.moves) {
        demand(
          scenario.moves.some(({ move }) => move.kind === kind),
          `the scenario has no move "${kind}", so nothing shows that it works`,
        );
      }
      for (const part of scenario.moves) {
        const what = `the move "${part.move.kind}"`;
        const state = await proveWrite(subject, part, what, async (context) => {
          await sendOf(capability, part, context);
          return capability.read(context, part.application);
        });
        demandStanding(state, part.becomes, `after "${part.move.kind}"`);
      }
    },
  },
  {
    title: 'names the acting user in its writes where it says that it does',
    run: async (subject) => {
      const { capability, scenario } = partsOf(subject);
      const named = scenario.moves.filter(({ actorRemoteId }) => actorRemoteId !== undefined);
      if (capability.actsAs === 'token') return;
      demand(named.length > 0, 'the scenario has no move in the name of a user');
      for (const part of named) {
        const sent = await proveWrite(subject, part, `the move "${part.move.kind}"`, async (context) => {
          await sendOf(capability, part, context);
          return context.sent.find(({ method }) => method !== 'GET');
        });
        const said = `${decodeURIComponent(sent?.url.search ?? '')} ${JSON.stringify(sent?.json ?? null)}`;
        demand(
          said.includes(part.actorRemoteId ?? ''),
          `the move "${part.move.kind}" does not say in whose name it is made`,
        );
      }
    },
  },
  {
    title: 'says of every write that is refused or lost what became of it, and writes once only',
    run: async (subject) => {
      const { capability, scenario } = partsOf(subject);
      for (const part of scenario.moves) {
        await proveRefusals(subject, part, `the move "${part.move.kind}"`, (context) =>
          sendOf(capability, part, context),
        );
      }
    },
  },
  {
    title: 'never takes a failure of the ATS for an application that is gone',
    run: async (subject) => {
      const { capability, scenario } = partsOf(subject);
      const { application } = scenario.absent;
      await proveReading(subject, 'reading an application', (context) => capability.read(context, application));
    },
  },
  {
    title: 'lists the reasons that can be chosen from',
    run: async (subject) => {
      const { capability, scenario } = partsOf(subject);
      const reasons = await capability.reasons(subject.context());
      demandEqual(reasons, scenario.reasons, `other reasons are listed: ${JSON.stringify(reasons)}`);
      demand(
        new Set(reasons.map(({ remoteId }) => remoteId)).size === reasons.length,
        'a reason is listed twice, so a choice would not say which is meant',
      );
    },
  },
];

function partsOf({ provider, scenario }: Subject): {
  readonly capability: StageChangeCapability<unknown>;
  readonly scenario: StageChangeScenario;
} {
  demand(provider.stageChanges !== undefined, 'the provider moves no applications');
  demand(
    scenario.stageChanges !== undefined,
    'the provider moves applications and its scenario has no part "stageChanges", so nothing proves it',
  );
  return { capability: provider.stageChanges, scenario: scenario.stageChanges };
}

/** As the engine does it: what was read just before goes along. */
async function sendOf(
  capability: StageChangeCapability<unknown>,
  { application, move, actorRemoteId }: MoveCase,
  context: Parameters<StageChangeCapability<unknown>['read']>[0],
): Promise<void> {
  const from = await capability.read(context, application);
  demand(from !== null, `an application that is there is not found before "${move.kind}"`);
  await capability.send(context, application, from, move, actorRemoteId ?? null);
}

function demandStanding(state: ApplicationState | null, wanted: Standing, when: string): void {
  const found = state === null ? null : { status: state.status, stageRemoteId: state.stageRemoteId };
  const { status, stageRemoteId } = wanted;
  demandEqual(
    found,
    { status, stageRemoteId },
    `${when} an application stands at ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`,
  );
}

function wrongWithState(state: ApplicationState): string | null {
  if (!APPLICATION_STATUSES.includes(state.status)) return 'a status that is none';
  const texts = [state.stageRemoteId, state.stageName, state.jobRemoteId, state.reasonRemoteId];
  if (texts.some((text) => text !== null && typeof text !== 'string')) return 'an id or a name that is no text';
  if (state.updatedAt !== null && Number.isNaN(state.updatedAt.getTime())) return 'a moment that is none';
  return isJson(state.guard) ? null : 'a guard that does not survive JSON';
}
