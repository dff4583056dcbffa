import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { EntityManager } from '@mikro-orm/postgresql';
import { ProviderFault } from '../contract/fault.js';
import { EditingAts } from '../testing-support/editing-ats.js';
import { FieldProcessor } from './field-processor.js';

/** More statements than working an edit off has: the sweep ends by itself when none is left to crash at. */
const MOST_STATEMENTS = 60;

describe('a worker that dies while it writes fields', () => {
  const editing = new EditingAts();
  /** Statements until the process dies; null: it lives. */
  let left: number | null = null;
  const isDead = (): boolean => left !== null && left < 0;

  beforeAll(async () => {
    await editing.start();
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
    await editing.stop();
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
    'has written them exactly once at whichever statement it dies, when %s',
    async (_, onSend) => {
      // One field loses a conflict, the other two go out.
      await editing.fill(MOST_STATEMENTS, { conflicts: { fields: { lastName: 'ats-wins' } } });
      editing.fields.beforeRead = alive;
      editing.fields.onSend = (apply) => {
        alive();
        onSend(apply);
      };
      let statements = 0;
      for (let died = true; died; statements += 1) {
        const remoteId = `c${statements + 1}`;
        const change = await editing.edit(remoteId, {
          headline: 'Smith',
          lastName: 'Oak',
          'customFields.team': 'Blue',
        });
        editing.fields.put(remoteId, { lastName: 'Elm' });
        const id = await editing.id(remoteId);
        left = statements;
        await editing.ats
          .get(FieldProcessor)
          .process(id)
          .catch(() => undefined);
        died = isDead();
        left = null;
        await editing.later(remoteId);
        await editing.work(remoteId);
        const at = `dead at statement ${statements}`;
        expect([at, await editing.change(change)]).toMatchObject([
          at,
          {
            status: 'superseded',
            fields: [{ status: 'confirmed' }, { status: 'confirmed' }, { status: 'superseded' }],
          },
        ]);
        const effects = editing.fields.effectsOn(remoteId);
        expect([at, effects]).toEqual([at, [{ headline: 'Smith', 'customFields.team': 'Blue' }]]);
        expect([at, await editing.hosted(remoteId)]).toMatchObject([
          at,
          { headline: 'Smith', lastName: 'Elm', customFields: { team: { value: 'Blue' } } },
        ]);
      }
      expect(statements).toBeGreaterThan(10);
    },
    120_000,
  );
});
