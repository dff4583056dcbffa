import { setTimeout as sleep } from 'node:timers/promises';
import type { AsyncCommand } from 'fast-check';
import type { Beliefs } from './beliefs.js';
import { operationOf } from './choices.js';
import type { Moment } from './choices.js';
import { breaches } from './invariants.js';
import type { LifeCycleWorld } from './life-cycle-world.js';
import type { Operation } from './operations.js';

/** A few operations, one after the other or two at once; after each the world must be as the model says. */
export class LifeCycleCommand implements AsyncCommand<Beliefs, LifeCycleWorld> {
  constructor(private readonly script: readonly Moment[]) {}

  check(): boolean {
    return true;
  }

  async run(beliefs: Beliefs, world: LifeCycleWorld): Promise<void> {
    for (const moment of this.script) {
      const operations = moment.choices.flatMap((choice) => operationOf(choice, beliefs) ?? []);
      if (operations.length > 0) await this.#happen(operations, moment, beliefs, world);
    }
  }

  toString(): string {
    return this.script.map((moment) => JSON.stringify(moment)).join(', ');
  }

  async #happen(
    operations: readonly Operation[],
    { laterMs, laterMinutes, ledger, answersAfterMs }: Moment,
    beliefs: Beliefs,
    world: LifeCycleWorld,
  ): Promise<void> {
    world.tick(1);
    beliefs.tick(1);
    const between = laterMinutes > 0 ? ` ∥ ${laterMinutes} minutes ∥ ` : ' ∥ ';
    const troubled = ledger === null ? '' : ` (ledger fails ${ledger.when} ${ledger.calls.join(', ')})`;
    const line = `${operations.map((operation) => JSON.stringify(operation)).join(between)}${troubled}`;
    const before = await world.observe();
    const believedBefore = beliefs.states;
    const heardBefore = world.server.requests.length;
    for (const operation of operations) {
      await world.prepare(operation);
      beliefs.prepare(operation);
    }
    beliefs.troubleLedger(ledger);
    world.ledger.trouble = ledger;
    world.server.answersAfterMs = answersAfterMs;
    const outcomes = await Promise.all(
      operations.map(async (operation, index) => {
        if (index * laterMs > 0) await sleep(index * laterMs);
        if (index * laterMinutes > 0) await world.pass(index * laterMinutes);
        return world.perform(operation);
      }),
    );
    beliefs.story.push(`${line} → ${outcomes.map(({ code }) => code).join(', ')}`);
    world.calm();
    const now = await world.observe();
    beliefs.learn(operations, outcomes, now, laterMinutes);
    const found = breaches({
      ...{ before, now, believedBefore, heardBefore },
      believed: beliefs.states,
      requests: world.server.requests,
      mayRefresh: world.mayRefresh,
    });
    if (found.length > 0) throw new Error(`${found.join('\n')}\n${beliefs.told()}`);
  }
}
