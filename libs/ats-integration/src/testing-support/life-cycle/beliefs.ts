import type { Course, Step } from './course.js';
import { stepsOf } from './model-steps.js';
import { ModelState, NAMELESS } from './model-state.js';
import type { Observation } from './observation.js';
import type { LedgerTrouble, Operation, Outcome, PlanName } from './operations.js';

const MOST_SHOWN = 3;

interface Path {
  readonly state: ModelState;
  readonly courses: readonly Course[];
}

/**
 * What the model holds for possible. After one operation that is one state; after two at once it is every state that
 * some order of their moments leads to, until what is observed tells them apart.
 */
export class Beliefs {
  states: readonly ModelState[];
  /** Sign-ins in the order in which they were begun. */
  readonly signIns: string[] = [];
  /** What happened so far, a line for each moment. */
  readonly story: string[] = [];
  #grants = 0;

  constructor(credits: number, plans: Readonly<Record<string, PlanName>>) {
    const state = new ModelState(credits);
    Object.assign(state.plans, plans);
    this.states = [state];
  }

  /** Any of the possible states: to choose from what there is. */
  get state(): ModelState {
    const [first] = this.states;
    if (first === undefined) throw new Error('The model holds nothing for possible.');
    return first;
  }

  told(): string {
    return `This happened:\n  ${this.story.join('\n  ')}`;
  }

  nextGrant(): string {
    return `g${(this.#grants += 1)}`;
  }

  tick(seconds: number): void {
    for (const state of this.states) state.minutes += seconds / 60;
  }

  troubleLedger(trouble: LedgerTrouble | null): void {
    for (const state of this.states) state.ledger = trouble;
  }

  prepare(operation: Operation): void {
    if (operation.kind !== 'sync' && operation.kind !== 'keep-alive') return;
    for (const state of this.states) {
      state.trouble(operation.connection, operation.after);
      const connection = state.find(operation.connection);
      const kept = connection?.status === 'active' || connection?.status === 'suspended';
      if (operation.kind === 'keep-alive' && connection !== undefined && kept) connection.due = true;
    }
  }

  /**
   * Takes in what the operations came to and what can be seen now; so much time passed before the second one began.
   * @throws Error when no order of their moments explains it.
   */
  learn(operations: readonly Operation[], outcomes: readonly Outcome[], seen: Observation, laterMinutes: number): void {
    const pass: Step = (state) => void (state.minutes += laterMinutes);
    const steps = operations.map((operation, index) => [
      ...(index > 0 && laterMinutes > 0 ? [pass] : []),
      ...stepsOf(operation, { connection: `${NAMELESS}${index}`, ...outcomes[index], code: '' }),
    ]);
    const possible = this.states.flatMap((state) => interleave(state, steps));
    // Who is refused in the middle hears other words than who comes too late.
    const alone = operations.length === 1;
    const observed = written({ ...visibleOf(seen), codes: alone ? codesOf(outcomes) : null });
    const expected = possible.map(({ state, courses }) =>
      written({ ...visible(state), codes: alone ? codesOf(courses) : null }),
    );
    const explained = possible.filter((_, index) => expected[index] === observed);
    if (explained.length === 0) {
      const some = [...new Set(expected)].slice(0, MOST_SHOWN).map((one) => differences(one, observed));
      throw new Error(
        `No order of moments explains what is seen. Of ${expected.length}: ${some.join('\nor: ')}\n${this.told()}`,
      );
    }
    const states = explained.map(({ state }) => state);
    for (const state of states) state.settle();
    this.states = distinct(states);
    this.signIns.push(...outcomes.flatMap(({ state }) => (state === undefined ? [] : [state])));
  }
}

/** The same text for the same thing, whatever the order of its keys. */
function written(value: unknown): string {
  return JSON.stringify(
    value,
    (_, part: unknown) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
        : part,
    1,
  );
}

function differences(expected: string, seen: string): string {
  const [wanted, found] = [expected.split('\n'), seen.split('\n')];
  const missing = wanted.filter((line) => !found.includes(line)).map((line) => `  expected ${line.trim()}`);
  const added = found.filter((line) => !wanted.includes(line)).map((line) => `  seen     ${line.trim()}`);
  return `\n${[...missing, ...added].join('\n')}\n  where seen is ${seen.replace(/\s*\n\s*/g, ' ')}`;
}

function codesOf(results: readonly { readonly code?: string }[]): string[] {
  return results.map(({ code }) => code ?? 'ok');
}

/** Every end that the moments of some operations can lead to, taken in any order. */
function interleave(start: ModelState, operations: readonly (readonly Step[])[]): Path[] {
  const ends: Path[] = [];
  const known = new Set<string>();
  const go = (path: Path, at: readonly number[]): void => {
    const key = JSON.stringify([at, path]);
    if (known.has(key)) return;
    known.add(key);
    let over = true;
    operations.forEach((steps, index) => {
      const step = steps[at[index] ?? 0];
      if (step === undefined || path.courses[index]?.code !== undefined) return;
      over = false;
      const state = path.state.clone();
      const courses = structuredClone(path.courses);
      const course = courses[index];
      if (course !== undefined) step(state, course);
      go(
        { state, courses },
        at.map((done, other) => (other === index ? done + 1 : done)),
      );
    });
    if (over) ends.push(path);
  };
  go({ state: start, courses: operations.map(() => ({ seen: {} })) }, [0, 0]);
  return ends;
}

function distinct(states: readonly ModelState[]): ModelState[] {
  return [...new Map(states.map((state) => [JSON.stringify(state), state])).values()];
}

function visible(state: ModelState): object {
  const lost = new Set(state.grants.filter((grant) => grant.lost).map(({ id }) => id));
  return {
    connections: state.connections
      .filter(({ status, everActive }) => status !== 'disconnected' || everActive)
      .map(({ id, workspace, provider, status, account, epoch, dead, hasData, grant, events }) => ({
        ...{ id, workspace, provider, status, account, epoch, dead, hasData, grant, events },
        current: grant !== null && !lost.has(grant),
      }))
      .sort((one, other) => (one.id < other.id ? -1 : 1)),
    credits: {
      left: state.credits,
      reserved: state.connections.filter(({ reserved }) => reserved).length + state.owed,
      committed: state.committed,
    },
    grants: Object.fromEntries(state.grants.map(({ id, alive }) => [id, alive])),
  };
}

function visibleOf({ connections, credits, grants }: Observation): object {
  return {
    connections: connections.map(
      ({ id, workspace, provider, status, account, epoch, dead, hasData, grant, events, current }) => ({
        ...{ id, workspace, provider, status, account, epoch, dead, hasData, grant, events, current },
      }),
    ),
    credits: { ...credits, reserved: credits.reserved.length },
    grants,
  };
}
