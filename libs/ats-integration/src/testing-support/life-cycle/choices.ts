import fc from 'fast-check';
import type { Beliefs } from './beliefs.js';
import { PROVIDERS } from './life-cycle-world.js';
import { FINISHES, MINUTES_OF_WAIT, PLANS, TROUBLES } from './operations.js';
import type { FinishAs, LedgerTrouble, Operation, PlanName, Trouble } from './operations.js';

export const WORKSPACES = ['acme', 'globex'] as const;
const PEOPLE = [
  { userId: 'ann', browser: 'browser-1' },
  { userId: 'ann', browser: 'browser-2' },
  { userId: 'bob', browser: 'browser-3' },
] as const;
const ACCOUNTS = ['north', 'south'] as const;

/** What chance says. Which connection or sign-in a number means is known when its turn comes: counted from the newest. */
export type Choice =
  | { readonly kind: 'begin'; readonly workspace: string; readonly person: number; readonly provider: string }
  | { readonly kind: 'begin-again'; readonly nth: number; readonly person: number; readonly foreign: boolean }
  | { readonly kind: 'finish'; readonly nth: number; readonly as: FinishAs; readonly account: string }
  | { readonly kind: 'sync' | 'keep-alive'; readonly nth: number; readonly after: Trouble }
  | { readonly kind: 'disconnect'; readonly nth: number }
  | { readonly kind: 'plan'; readonly workspace: string; readonly plan: PlanName }
  | { readonly kind: 'enforce'; readonly workspace: string }
  | { readonly kind: 'give-back'; readonly failing: boolean }
  | { readonly kind: 'wait'; readonly minutes: number }
  | { readonly kind: 'release-abandoned' | 'reseal' };

/** Choices of one moment: one, or two that go on at once, the second so much later and with an ATS that takes its time. */
export interface Moment {
  readonly choices: readonly Choice[];
  readonly laterMs: number;
  /** What the clock says to have passed before the second begins. */
  readonly laterMinutes: number;
  /** What the ledger does to all calls of that moment. */
  readonly ledger: LedgerTrouble | null;
  readonly answersAfterMs: number;
}

/** Null when there is nothing that it could be about. */
export function operationOf(choice: Choice, beliefs: Beliefs): Operation | null {
  const { state } = beliefs;
  const connection = 'nth' in choice ? nth(state.connections, choice.nth) : undefined;
  switch (choice.kind) {
    case 'begin': {
      const { workspace: workspaceId, provider } = choice;
      return { kind: 'begin', by: { workspaceId, ...personOf(choice.person) }, provider };
    }
    case 'begin-again': {
      if (connection === undefined) return null;
      const workspaceId = choice.foreign ? `${connection.workspace}-other` : connection.workspace;
      return { kind: 'begin-again', by: { workspaceId, ...personOf(choice.person) }, connection: connection.id };
    }
    case 'finish': {
      const name = nth(beliefs.signIns, choice.nth);
      const signIn = state.signIns.find((known) => known.state === name);
      if (signIn === undefined) return null;
      const { who, provider } = signIn;
      const { as, account } = choice;
      return { kind: 'finish', state: signIn.state, as, account, grant: beliefs.nextGrant(), of: { who, provider } };
    }
    case 'sync':
    case 'keep-alive':
      return connection === undefined ? null : { kind: choice.kind, connection: connection.id, after: choice.after };
    case 'disconnect':
      return connection === undefined
        ? null
        : { kind: 'disconnect', connection: connection.id, workspace: connection.workspace };
    default:
      return choice;
  }
}

function nth<Item>(items: readonly Item[], number: number): Item | undefined {
  return items.length === 0 ? undefined : items[items.length - 1 - (number % items.length)];
}

function personOf(number: number): { userId: string; browser: string } {
  return PEOPLE[number % PEOPLE.length] ?? PEOPLE[0];
}

const workspace = fc.constantFrom(...WORKSPACES);
const account = fc.constantFrom(...ACCOUNTS);
const person = fc.nat(PEOPLE.length - 1);
const recent = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat(5) });
const after = fc.constantFrom<Trouble>(...TROUBLES);

const begin: fc.Arbitrary<Choice> = fc.record({
  kind: fc.constant('begin'),
  workspace,
  person,
  provider: fc.constantFrom(...PROVIDERS),
});
const beginAgain: fc.Arbitrary<Choice> = fc.record({
  kind: fc.constant('begin-again'),
  nth: recent,
  person,
  foreign: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});
const approved: fc.Arbitrary<Choice> = fc.record({
  kind: fc.constant('finish'),
  nth: fc.constant(0),
  as: fc.constant('the person'),
  account,
});
const finish: fc.Arbitrary<Choice> = fc.record({
  kind: fc.constant('finish'),
  nth: recent,
  as: fc.oneof(
    { weight: 3, arbitrary: fc.constant('the person') },
    { weight: 3, arbitrary: fc.constantFrom(...FINISHES) },
  ),
  account,
});
const sync: fc.Arbitrary<Choice> = fc.record({ kind: fc.constant('sync'), nth: recent, after });
const keepAlive: fc.Arbitrary<Choice> = fc.record({ kind: fc.constant('keep-alive'), nth: recent, after });
const disconnect: fc.Arbitrary<Choice> = fc.record({ kind: fc.constant('disconnect'), nth: recent });
const enforce: fc.Arbitrary<Choice> = fc.record({ kind: fc.constant('enforce'), workspace });
const plan: fc.Arbitrary<Choice> = fc.record({
  kind: fc.constant('plan'),
  workspace,
  plan: fc.constantFrom(...(Object.keys(PLANS) as PlanName[])),
});
const giveBack: fc.Arbitrary<Choice> = fc.record({ kind: fc.constant('give-back'), failing: fc.boolean() });
const wait: fc.Arbitrary<Choice> = fc.record({
  kind: fc.constant('wait'),
  minutes: fc.constantFrom(...MINUTES_OF_WAIT),
});
const releaseAbandoned: fc.Arbitrary<Choice> = fc.record({ kind: fc.constant('release-abandoned') });
const reseal: fc.Arbitrary<Choice> = fc.record({ kind: fc.constant('reseal') });

const one = [
  ...[begin, beginAgain, finish, finish, sync, sync, keepAlive, disconnect, enforce, giveBack],
  ...[releaseAbandoned, reseal],
];
const ledger: fc.Arbitrary<LedgerTrouble | null> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(null) },
  {
    weight: 2,
    arbitrary: fc.record<LedgerTrouble>({
      calls: fc.constantFrom<LedgerTrouble['calls'][]>(
        ...([
          ['reserve'],
          ['commit'],
          ['release'],
          ['reserve', 'release'],
          ['commit', 'release'],
        ] as LedgerTrouble['calls'][]),
      ),
      when: fc.constantFrom('before', 'after'),
    }),
  },
);
const alone = (choice: fc.Arbitrary<Choice>): fc.Arbitrary<Moment> =>
  fc.record({
    choices: fc.tuple(choice),
    laterMs: fc.constant(0),
    laterMinutes: fc.constant(0),
    ledger,
    answersAfterMs: fc.constant(0),
  });
const atOnce = (first: fc.Arbitrary<Choice>, second: fc.Arbitrary<Choice>): fc.Arbitrary<Moment> =>
  fc.record({
    choices: fc.tuple(first, second),
    laterMs: fc.constantFrom(0, 0, 2, 5, 10, 20),
    laterMinutes: fc.constantFrom(0, 0, 0, 4),
    ledger,
    answersAfterMs: fc.constantFrom(0, 0, 5, 15),
  });
const script = (...moments: readonly fc.Arbitrary<Moment>[]): fc.Arbitrary<readonly Moment[]> => fc.tuple(...moments);

/** Moments that come one after the other. */
export const SCRIPTS: readonly fc.Arbitrary<readonly Moment[]>[] = [
  ...[...one, plan, wait].map((choice) => script(alone(choice))),
  // A connect and a signing in again as they mostly go, so that there is something that the others can be about.
  ...[begin, begin, begin, beginAgain].map((first) => script(alone(first), alone(approved))),
  script(alone(begin), alone(approved), alone(sync)),
  script(alone(plan), alone(enforce)),
  // A sign-in whose answer comes in its last minutes.
  script(alone(begin), alone(wait), atOnce(approved, begin)),
  // What meets in the middle.
  script(alone(beginAgain), atOnce(approved, fc.oneof(sync, keepAlive, disconnect, approved, enforce))),
  script(alone(begin), atOnce(approved, fc.oneof(disconnect, approved, enforce, begin))),
  ...[1, 2, 3].map(() => script(atOnce(fc.oneof(...one), fc.oneof(...one)))),
];
