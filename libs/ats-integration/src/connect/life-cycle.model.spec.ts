import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { Beliefs } from '../testing-support/life-cycle/beliefs.js';
import { SCRIPTS } from '../testing-support/life-cycle/choices.js';
import { LifeCycleCommand } from '../testing-support/life-cycle/life-cycle-command.js';
import { LifeCycleWorld } from '../testing-support/life-cycle/life-cycle-world.js';

const seed = Number(process.env.LIFE_CYCLE_SEED ?? 20_261_125);
const numRuns = Number(process.env.LIFE_CYCLE_RUNS ?? 30);
const MOST_COMMANDS = 30;
const MS_OF_A_RUN = 5_000;
const CREDITS = 6;
const PLANS = { acme: 'enterprise', globex: 'starter' } as const;

describe('the life of connections', () => {
  let world: LifeCycleWorld;

  beforeAll(async () => {
    world = await LifeCycleWorld.start();
  });
  afterAll(() => world.stop());

  it(
    `goes as its model says, whatever happens in whatever order (LIFE_CYCLE_SEED=${seed} LIFE_CYCLE_RUNS=${numRuns})`,
    async () => {
      const commands = SCRIPTS.map((script) => script.map((chosen) => new LifeCycleCommand(chosen)));
      const some = fc.commands(commands, { maxCommands: MOST_COMMANDS, size: 'max' });
      const property = fc.asyncProperty(some, async (chosen) => {
        const beliefs = new Beliefs(CREDITS, PLANS);
        await fc.asyncModelRun(async () => {
          await world.reset(CREDITS, PLANS);
          return { model: beliefs, real: world };
        }, chosen);
        const stranded = await world.stranded();
        if (stranded.length > 0) throw new Error(`Reserved for ever: ${stranded.join(', ')}\n${beliefs.told()}`);
      });
      await fc.assert(property, { seed, numRuns, includeErrorInReport: true });
    },
    30_000 + numRuns * MS_OF_A_RUN,
  );
});
