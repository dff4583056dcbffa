import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { EntityManager } from '@mikro-orm/postgresql';
import { ProviderFault } from '../contract/fault.js';
import { MovingAts } from '../testing-support/moving-ats.js';
import { OutboundProcessor } from './outbound-processor.js';

/** More statements than working a change off has: the sweep ends by itself when none is left to crash at. */
const MOST_STATEMENTS = 60;

describe('a worker that dies while it sends', () => {
  const moving = new MovingAts();
  /** Statements until the process dies; null: it lives. */
  let left: number | null = null;
  const isDead = (): boolean => left !== null && left < 0;

  beforeAll(async () => {
    await moving.start();
    // eslint-disable-next-line @typescript-eslint/unbound-method -- applied to the manager that it is called on
    const real = EntityManager.prototype.getKysely;
    jest.spyOn(EntityManager.prototype, 'getKysely').mockImplementation(function (this: EntityManager, ...given) {
      if (left !== null) left -= 1;
      // A dead process says nothing more; what it had not committed is rolled back.
      if (isDead()) throw new Error('The process is dead.');
      return real.apply(this, given);
    });
  });
  afterAll(async () => {
    left = null;
    jest.restoreAllMocks();
    await moving.stop();
  });

  const alive = (): void => {
    if (isDead()) throw new Error('The process is dead.');
  };

  it.each([
    ['the ATS answers', (apply: () => void) => apply()],
    [
      'the ATS does it and the answer is lost',
      (apply: () => void) => {
        apply();
        throw new ProviderFault('unavailable', 'The connection broke.');
      },
    ],
  ])(
    'has moved the application exactly once at whichever statement it dies, when %s',
    async (_, onSend) => {
      await moving.fill(MOST_STATEMENTS);
      moving.moves.beforeRead = alive;
      moving.moves.onSend = (apply) => {
        alive();
        onSend(apply);
      };
      let statements = 0;
      for (let died = true; died; statements += 1) {
        const remoteId = `a${statements + 1}`;
        const change = await moving.move(remoteId, 'screen');
        const id = await moving.id(remoteId);
        left = statements;
        await moving.ats
          .get(OutboundProcessor)
          .process(id)
          .catch(() => undefined);
        died = isDead();
        left = null;
        await moving.later(remoteId);
        await moving.work(remoteId);
        const at = `dead at statement ${statements}`;
        expect([at, await moving.change(change)]).toMatchObject([at, { status: 'confirmed', reason: null }]);
        expect([at, moving.moves.effectsOn(remoteId)]).toEqual([at, [{ kind: 'stage', stageRemoteId: 's2' }]]);
        expect([at, await moving.hosted(remoteId)]).toEqual([at, 'screen']);
      }
      expect(statements).toBeGreaterThan(10);
    },
    120_000,
  );
});
