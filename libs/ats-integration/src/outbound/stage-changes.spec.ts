import { EntityManager } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Disconnect } from '../connect/disconnect.js';
import { ProviderFault } from '../contract/fault.js';
import { MovingAts } from '../testing-support/moving-ats.js';
import { ChangeDecisions } from './change-decisions.js';
import { ChangeHistory } from './change-history.js';
import { OutboundSchedule } from './outbound-schedule.js';
import { StageChanges } from './stage-changes.js';
import { STAGE_CHANGE_WORK } from './work-kind.js';

const TO_SCREEN = { kind: 'stage', stageRemoteId: 's2' };
const dropped = (): never => {
  throw new ProviderFault('unavailable', 'Scripted did not answer in time.');
};

describe('a stage change', () => {
  const moving = new MovingAts();
  const { moves } = moving;

  beforeAll(() => moving.start());
  afterAll(() => moving.stop());

  describe('on its way out', () => {
    it('is confirmed by reading back, with one write, and the host keeps what it was moved to', async () => {
      await moving.fill(1);
      const change = await moving.move('a1', 'screen');
      expect(await moving.change(change)).toMatchObject({ status: 'pending' });
      await moving.work('a1');
      expect(await moving.change(change)).toEqual({ id: change, status: 'confirmed', reason_code: null, reason: null });
      expect(moves.sent).toEqual([{ remoteId: 'a1', move: TO_SCREEN, actor: null }]);
      expect(await moving.hosted('a1')).toBe('screen');
      expect((await moving.events()).map(({ type }) => type).filter((type) => type.startsWith('stage-change'))).toEqual(
        ['stage-change.requested', 'stage-change.confirmed'],
      );
    });

    it('wakes its worker only when the transaction of the host has committed', async () => {
      await moving.fill(1);
      const applicationId = await moving.id('a1');
      const wakes = () =>
        moving.ats.queue.items.filter(({ kind, id }) => kind === STAGE_CHANGE_WORK && id === applicationId);
      const request = {
        workspaceId: moving.workspace,
        applicationId,
        toStageId: 'screen',
        actor: { userId: 'ann', email: null },
      };
      const em = moving.ats.get<EntityManager>(EntityManager).fork();
      const rolledBack = em.transactional(async (inner) => {
        await moving.ats.get(StageChanges).request(request, inner);
        throw new Error('The host changed its mind.');
      });
      await expect(rolledBack).rejects.toThrow('changed its mind');
      expect(wakes()).toEqual([]);
      expect(await moving.isOpen('a1')).toBe(false);
      await em.transactional(async (outer) => {
        await outer.transactional((inner) => moving.ats.get(StageChanges).request(request, inner));
        expect(wakes()).toEqual([]);
      });
      expect(wakes()).toMatchObject([{ lane: 'outbound', delayMs: 0 }]);
    });

    it('is found by the sweep when the queue forgot it', async () => {
      await moving.fill(1);
      await moving.move('a1', 'screen');
      moving.ats.queue.items.length = 0;
      await moving.ats.get(OutboundSchedule).sweep();
      // The schedule is off in tests: only who calls it sweeps.
      expect(moving.ats.queue.items.map(({ kind, id }) => [kind, id])).toContainEqual([
        STAGE_CHANGE_WORK,
        await moving.id('a1'),
      ]);
    });

    it('takes back a rejection first where the person was rejected', async () => {
      await moving.fill(1);
      moves.put('a1', { status: 'rejected', updatedAt: new Date('2026-03-02T00:00:00Z') });
      await moving.page([moving.shown('a1')]);
      expect(await moving.hosted('a1')).toBe('rejected');
      await moving.move('a1', 'screen');
      await moving.work('a1');
      expect(moves.effectsOn('a1')).toEqual([{ kind: 'unreject' }, TO_SCREEN]);
      expect(await moving.hosted('a1')).toBe('screen');
    });

    it('gives way to a newer one that comes before it was sent', async () => {
      await moving.fill(1);
      const older = await moving.move('a1', 'screen');
      const newer = await moving.move('a1', 'offer');
      await moving.work('a1');
      expect(await moving.change(older)).toMatchObject({ status: 'superseded' });
      expect(await moving.change(newer)).toMatchObject({ status: 'confirmed' });
      expect(moves.effectsOn('a1')).toEqual([{ kind: 'stage', stageRemoteId: 's3' }]);
      expect(await moving.hosted('a1')).toBe('offer');
    });

    it('goes before a newer one that comes while it may be arriving, and the host keeps the newer place', async () => {
      await moving.fill(1);
      const older = await moving.move('a1', 'screen');
      let newer = '';
      moves.onSend = async (apply) => {
        moves.onSend = (again) => again();
        newer = await moving.move('a1', 'offer');
        apply();
      };
      await moving.work('a1');
      expect(await moving.change(older)).toMatchObject({ status: 'confirmed' });
      expect(await moving.change(newer)).toMatchObject({ status: 'confirmed' });
      expect(moves.effectsOn('a1')).toEqual([TO_SCREEN, { kind: 'stage', stageRemoteId: 's3' }]);
      expect(await moving.hosted('a1')).toBe('offer');
      expect(moving.corrections()).toEqual([]);
    });
  });

  describe('whose outcome is not known', () => {
    it('is not sent again when the ATS did it and the connection dropped', async () => {
      await moving.fill(1);
      moves.onSend = (apply) => {
        apply();
        dropped();
      };
      const change = await moving.move('a1', 'screen');
      await moving.work('a1');
      expect(await moving.change(change)).toMatchObject({ status: 'confirmed' });
      expect(moves.sent).toHaveLength(1);
    });

    it('is sent again, once the ATS had time for it, when nothing happened', async () => {
      await moving.fill(1);
      moves.onSend = () => {
        moves.onSend = (apply) => apply();
        dropped();
      };
      const change = await moving.move('a1', 'screen');
      await moving.work('a1', 1);
      expect(await moving.change(change)).toMatchObject({ status: 'sending', reason_code: 'checking' });
      expect(moves.sent).toHaveLength(1);
      await moving.work('a1');
      expect(await moving.change(change)).toMatchObject({ status: 'confirmed' });
      expect(moves.effectsOn('a1')).toEqual([TO_SCREEN]);
    });

    it('has one effect when the ATS does it late', async () => {
      await moving.fill(1);
      let late: () => void = () => undefined;
      moves.onSend = (apply) => {
        late = apply;
        dropped();
      };
      const change = await moving.move('a1', 'screen');
      await moving.work('a1', 1);
      late();
      await moving.work('a1');
      expect(await moving.change(change)).toMatchObject({ status: 'confirmed' });
      expect(moves.effectsOn('a1')).toEqual([TO_SCREEN]);
    });

    it('is never repeated when somebody moved the application meanwhile: whoever moved it is told', async () => {
      await moving.fill(1);
      moves.onSend = () => {
        moves.put('a1', { stageRemoteId: 's3' });
        dropped();
      };
      const change = await moving.move('a1', 'screen');
      await moving.work('a1');
      expect(await moving.change(change)).toMatchObject({ status: 'refused', reason_code: 'unclear' });
      expect(moves.sent).toHaveLength(1);
      expect(await moving.hosted('a1')).toBe('offer');
    });

    it('is never repeated when it may have come there and gone back', async () => {
      await moving.fill(1);
      moves.onSend = (apply) => {
        apply();
        moves.put('a1', { stageRemoteId: 's1' });
        dropped();
      };
      const change = await moving.move('a1', 'screen');
      await moving.work('a1');
      expect(await moving.change(change)).toMatchObject({ status: 'refused', reason_code: 'unclear' });
      expect(moves.effectsOn('a1')).toEqual([TO_SCREEN]);
    });

    it('outlives an ATS that takes no writes for a while: it is sent ever later, and given up after about an hour', async () => {
      await moving.fill(1);
      moves.onSend = dropped;
      const change = await moving.move('a1', 'screen');
      const waits: number[] = [];
      while (await moving.isOpen('a1')) {
        await moving.work('a1', 1);
        if ((await moving.change(change)).reason_code !== 'waiting') continue;
        waits.push(moving.ats.queue.items.at(-1)?.delayMs ?? 0);
      }
      expect(await moving.change(change)).toMatchObject({ status: 'refused', reason_code: 'not-taken' });
      expect(moves.sent).toHaveLength(9);
      expect(waits).toHaveLength(8);
      expect(waits.every((wait, nth) => nth === 0 || wait >= (waits[nth - 1] ?? 0))).toBe(true);
      expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(45 * 60_000);
      expect(await moving.hosted('a1')).toBe('applied');
    });

    it('is not denied where it was sent and the ATS can no longer be asked: nobody can tell', async () => {
      await moving.fill(1);
      moves.onSend = () => {
        moves.beforeRead = dropped;
        dropped();
      };
      const change = await moving.move('a1', 'screen');
      await moving.work('a1', 20);
      const { status, reason_code: code, reason } = await moving.change(change);
      expect({ status, code }).toEqual({ status: 'refused', code: 'unclear' });
      expect(reason).toContain('Nobody can tell whether Scripted took the move');
      expect(reason).not.toContain('is back where');
      expect(moves.sent).toHaveLength(1);
    });

    it('is not sent twice when the ATS accepts it and does not show it', async () => {
      await moving.fill(1);
      moves.onSend = () => undefined;
      const change = await moving.move('a1', 'screen');
      await moving.work('a1');
      expect(await moving.change(change)).toMatchObject({ status: 'refused', reason_code: 'unclear' });
      expect(moves.sent).toHaveLength(1);
    });

    it('is confirmed, with the place that the ATS has, when it was done and somebody moved on from there', async () => {
      await moving.fill(1);
      moves.onSend = (apply) => {
        apply();
        moves.put('a1', { stageRemoteId: 's3' });
      };
      const change = await moving.move('a1', 'screen');
      await moving.work('a1');
      expect(await moving.change(change)).toMatchObject({ status: 'confirmed', reason_code: 'moved-on' });
      expect(await moving.hosted('a1')).toBe('offer');
    });
  });

  describe('that the ATS refuses', () => {
    it.each(['invalid-request', 'not-found', 'forbidden-scope'] as const)(
      'with %s is put back in the host, with the reason',
      async (code) => {
        await moving.fill(1);
        moves.onSend = () => {
          throw new ProviderFault(code, 'Scripted says that the candidate is no longer in Applied.');
        };
        const change = await moving.move('a1', 'screen');
        expect(await moving.hosted('a1')).toBe('screen');
        await moving.work('a1');
        const { status, reason } = await moving.change(change);
        expect(status).toBe('refused');
        expect(reason).toBe(
          'Scripted says that the candidate is no longer in Applied. The application is back where Scripted has it.',
        );
        expect(moving.corrections()).toEqual([reason]);
        expect(await moving.hosted('a1')).toBe('applied');
        expect(moves.sent).toHaveLength(1);
      },
    );

    it('waits as long as it is told to when the ATS limits the rate, and does not count that', async () => {
      await moving.fill(1);
      moves.onSend = () => {
        moves.onSend = (apply) => apply();
        throw new ProviderFault('rate-limited', 'Slow down.', { retryAfterMs: 7000 });
      };
      const change = await moving.move('a1', 'screen');
      await moving.work('a1', 1);
      expect(moving.ats.queue.items.at(-1)).toMatchObject({ kind: STAGE_CHANGE_WORK, delayMs: 7050 });
      await moving.work('a1');
      expect(await moving.change(change)).toMatchObject({ status: 'confirmed' });
      expect(moves.effectsOn('a1')).toEqual([TO_SCREEN]);
    });

    it('because the authorisation ended waits for the sign-in, and goes out after it', async () => {
      await moving.fill(1);
      moves.onSend = () => {
        moves.onSend = (apply) => apply();
        throw new ProviderFault('auth-revoked', 'Scripted ended the authorisation.');
      };
      const change = await moving.move('a1', 'screen');
      await moving.work('a1', 3);
      expect(await moving.change(change)).toMatchObject({ status: 'sending', reason_code: 'reconnect-required' });
      expect(moves.sent).toHaveLength(1);
      await moving.ats.database.rows(
        `update ats.connections set status = 'active', grant_dead_at = null where id = $1`,
        [moving.connection],
      );
      await moving.work('a1');
      expect(await moving.change(change)).toMatchObject({ status: 'confirmed' });
    });

    it('by being away for a long time is given up, and nothing was written', async () => {
      await moving.fill(1);
      moves.beforeRead = dropped;
      const change = await moving.move('a1', 'screen');
      await moving.work('a1', 20);
      expect(await moving.change(change)).toMatchObject({ status: 'refused', reason_code: 'unreachable' });
      expect(moves.sent).toEqual([]);
      expect(await moving.hosted('a1')).toBe('applied');
    });

    it('because it no longer has the application is refused', async () => {
      await moving.fill(1);
      moves.places.delete('a1');
      const change = await moving.move('a1', 'screen');
      await moving.work('a1');
      expect(await moving.change(change)).toMatchObject({ status: 'refused', reason_code: 'gone' });
    });

    it('names the scopes that are missing without sending anything', async () => {
      await moving.fill(1);
      moves.scopes = { stage: ['applications:move'] };
      await moving.ats.database.rows(`update ats.connections set scopes = '["jobs:read"]' where id = $1`, [
        moving.connection,
      ]);
      const change = await moving.move('a1', 'screen');
      await moving.work('a1');
      expect((await moving.change(change)).reason).toContain('applications:move');
      expect(moves.sent).toEqual([]);
    });
  });

  describe('when both sides moved', () => {
    const moveThere = (updatedAt: Date) => moves.put('a1', { stageRemoteId: 's3', updatedAt });

    it.each([
      ['the ATS later, under newest', 'newest', 60_000, 'refused', 'offer'],
      ['the ATS earlier, under newest', 'newest', -60_000, 'confirmed', 'screen'],
      ['the ATS earlier, under ats-wins', 'ats-wins', -60_000, 'refused', 'offer'],
      ['the ATS later, under elly-wins', 'elly-wins', 60_000, 'confirmed', 'screen'],
    ])('%s', async (_, stage, offsetMs, status, hosted) => {
      await moving.fill(1, { conflicts: { stage } });
      const change = await moving.move('a1', 'screen');
      moveThere(new Date(Date.now() + offsetMs));
      await moving.work('a1');
      expect(await moving.change(change)).toMatchObject({ status });
      expect(await moving.hosted('a1')).toBe(hosted);
      expect(moves.sent).toHaveLength(status === 'confirmed' ? 1 : 0);
    });

    it('to the same place, it is done and nothing is sent', async () => {
      await moving.fill(1, { conflicts: { stage: 'ats-wins' } });
      const change = await moving.move('a1', 'screen');
      moves.put('a1', { stageRemoteId: 's2' });
      await moving.work('a1');
      expect(await moving.change(change)).toMatchObject({ status: 'confirmed' });
      expect(moves.sent).toEqual([]);
    });
  });

  describe('to a stage that nothing of the ATS is confirmed for', () => {
    it('is parked with an issue, once for each stage, and goes out when the stage is confirmed', async () => {
      await moving.fill(2);
      const changes = [await moving.move('a1', 'interview'), await moving.move('a2', 'interview')];
      await moving.work('a1');
      await moving.work('a2');
      for (const change of changes) expect(await moving.change(change)).toMatchObject({ status: 'parked' });
      expect(await moving.hosted('a1')).toBe('interview');
      const issues = () =>
        moving.ats.database.rows<{ subject: string }>(
          `select subject from ats.issues where connection_id = $1 and code = 'stage-unmapped' and resolved_at is null`,
          [moving.connection],
        );
      expect(await issues()).toEqual([{ subject: 'interview' }]);
      moving.ats.queue.items.length = 0;
      await moving.confirm({ s3: 'interview' });
      expect(await issues()).toEqual([]);
      await moving.work('a1');
      await moving.work('a2');
      for (const change of changes) expect(await moving.change(change)).toMatchObject({ status: 'confirmed' });
      expect(moves.effectsOn('a1')).toEqual([{ kind: 'stage', stageRemoteId: 's3' }]);
    });

    it('gives way to somebody who moves it in the ATS meanwhile', async () => {
      await moving.fill(1);
      const change = await moving.move('a1', 'interview');
      await moving.work('a1');
      moves.put('a1', { stageRemoteId: 's3', updatedAt: new Date(Date.now() + 60_000) });
      await moving.page([moving.shown('a1')]);
      expect(await moving.hosted('a1')).toBe('interview');
      await moving.work('a1');
      expect(await moving.change(change)).toMatchObject({ status: 'refused', reason_code: 'moved-in-ats' });
      expect(await moving.hosted('a1')).toBe('offer');
    });

    it('can be taken back', async () => {
      await moving.fill(1);
      const change = await moving.move('a1', 'interview');
      await moving.work('a1');
      const by = { workspaceId: moving.workspace, userId: 'ann' };
      const decisions = moving.ats.get(ChangeDecisions);
      expect(await decisions.cancel(by, moving.connection, change)).toMatchObject({
        status: 'refused',
        code: 'cancelled',
      });
      expect(await moving.hosted('a1')).toBe('applied');
      await expect(decisions.cancel(by, moving.connection, change)).rejects.toMatchObject({ code: 'not-possible-now' });
      const stranger = { workspaceId: 'globex', userId: 'eve' };
      await expect(decisions.retry(stranger, moving.connection, change)).rejects.toMatchObject({ code: 'not-found' });
    });
  });

  describe('that rejects or hires', () => {
    it('wants a reason where the ATS has reasons, and goes out with it at the next try', async () => {
      await moving.fill(1);
      moves.reasonList = [{ remoteId: 'r1', name: 'Underqualified', of: 'reject' }];
      const change = await moving.move('a1', 'rejected');
      await moving.work('a1');
      expect(await moving.change(change)).toMatchObject({ status: 'refused', reason_code: 'reason-missing' });
      expect(await moving.hosted('a1')).toBe('applied');
      const again = await moving.ats
        .get(ChangeDecisions)
        .retry({ workspaceId: moving.workspace, userId: 'ann' }, moving.connection, change, {
          reasonRemoteId: 'r1',
          note: 'Too far away.',
        });
      expect(await moving.hosted('a1')).toBe('rejected');
      await moving.work('a1');
      expect(await moving.change(again.id)).toMatchObject({ status: 'confirmed' });
      expect(moves.effectsOn('a1')).toEqual([{ kind: 'reject', reasonRemoteId: 'r1', note: 'Too far away.' }]);
    });

    describe('forgets what somebody wrote about the person', () => {
      const rejection = { reasonRemoteId: 'r1', note: 'Too far away.' };
      const notes = async (): Promise<string> =>
        JSON.stringify(
          await moving.ats.database.rows(
            `select s.rejection, t.move from ats.stage_changes s left join ats.stage_change_attempts t on t.change_id = s.id
             where s.connection_id = $1`,
            [moving.connection],
          ),
        );
      const fill = async () => {
        await moving.fill(2);
        moves.reasonList = [{ remoteId: 'r1', name: 'Underqualified', of: 'reject' }];
      };

      it('once the move is settled, and keeps the reason', async () => {
        await fill();
        const change = await moving.move('a1', 'rejected', { rejection });
        expect(await notes()).toContain('Too far');
        await moving.work('a1');
        expect(await moving.change(change)).toMatchObject({ status: 'confirmed' });
        expect(moves.effectsOn('a1')).toEqual([{ kind: 'reject', ...rejection }]);
        expect(await notes()).not.toContain('Too far');
        expect(await notes()).toContain('"reasonRemoteId":"r1"');
      });

      it('once another move takes its place', async () => {
        await fill();
        const change = await moving.move('a1', 'rejected', { rejection });
        await moving.move('a1', 'screen');
        expect(await moving.change(change)).toMatchObject({ status: 'superseded' });
        expect(await notes()).not.toContain('Too far');
      });

      it('when the ATS anonymises the person while the move is on its way', async () => {
        await fill();
        await moving.move('a1', 'rejected', { rejection });
        await moving.move('a2', 'rejected', { rejection: { ...rejection, note: 'Somebody else.' } });
        moves.onSend = () => {
          throw new ProviderFault('unavailable', 'The connection broke.');
        };
        await moving.work('a1', 1);
        expect((await notes()).match(/Too far/g)).toHaveLength(2);
        moving.script.scripts.set('opportunities', [
          {
            records: [],
            gone: [{ kind: 'candidate', remoteId: 'c1', tombstone: 'anonymised', intoRemoteId: null, at: null }],
          },
        ]);
        expect(await moving.ats.sync(moving.connection, 'incremental')).toMatchObject({ status: 'completed' });
        expect(await notes()).not.toContain('Too far');
        expect(await notes()).toContain('Somebody else.');
      });
    });

    it("takes the connection's own reason when nobody chose one", async () => {
      await moving.fill(2, { reasons: { reject: 'r1' } });
      moves.reasonList = [
        { remoteId: 'r1', name: 'Underqualified', of: 'reject' },
        { remoteId: 'h1', name: 'Hired', of: 'hire' },
      ];
      await moving.move('a1', 'rejected');
      await moving.move('a2', 'hired');
      await moving.work('a1');
      await moving.work('a2');
      expect(moves.effectsOn('a1')).toEqual([{ kind: 'reject', reasonRemoteId: 'r1', note: null }]);
      expect(moves.effectsOn('a2')).toEqual([{ kind: 'hire', reasonRemoteId: 'h1', startsOn: null }]);
      expect(await moving.hosted('a2')).toBe('hired');
    });
  });

  describe('in the name of a person', () => {
    const mapped = { actingUser: { kind: 'mapped', fallbackRemoteUserId: 'u9' } };

    it.each([
      ['whom the ATS knows by e-mail address', mapped, 'ann@elly.example', 'u1'],
      ['whom it does not know', mapped, 'bob@elly.example', 'u9'],
      [
        'although a service user makes all moves',
        { actingUser: { kind: 'service', remoteUserId: 'u9' } },
        'ann@elly.example',
        'u9',
      ],
      ['where nothing is set', {}, 'ann@elly.example', null],
    ])('%s', async (_, settings, email, actor) => {
      await moving.fill(1, settings);
      moves.actsAs = 'parameter';
      await moving.move('a1', 'screen', { actor: { userId: 'x', email } });
      await moving.work('a1');
      expect(moves.sent.map((sent) => sent.actor)).toEqual([actor]);
    });
  });

  describe('that comes back', () => {
    const ofApplications = async () =>
      (await moving.events()).filter(({ type, kind }) => type === 'records.changed' && kind === 'application').slice(1);

    it('is recognised as our own, and leaves the host and the ATS alone', async () => {
      await moving.fill(1);
      await moving.move('a1', 'screen');
      await moving.work('a1');
      await moving.page([moving.shown('a1', { statusReason: 'none' })]);
      expect(await ofApplications()).toMatchObject([{ own: [await moving.id('a1')] }]);
      expect(await moving.hosted('a1')).toBe('screen');
      expect(moves.sent).toHaveLength(1);
      await moving.page([moving.shown('a1', { statusReason: 'other' })]);
      expect((await ofApplications()).map(({ own }) => own?.length)).toEqual([1, 0]);
    });

    it('is not taken for our own when somebody else moved it since', async () => {
      await moving.fill(1);
      await moving.move('a1', 'screen');
      await moving.work('a1');
      moves.put('a1', { stageRemoteId: 's3', updatedAt: new Date(Date.now() + 60_000) });
      await moving.page([moving.shown('a1')]);
      moves.put('a1', { stageRemoteId: 's2', updatedAt: new Date(Date.now() + 120_000) });
      await moving.page([moving.shown('a1')]);
      expect((await ofApplications()).map(({ own }) => own)).toEqual([[], []]);
      expect(await moving.hosted('a1')).toBe('screen');
    });

    it('does not move the application in the host while the change is open, however old the page is', async () => {
      await moving.fill(1);
      await moving.move('a1', 'screen');
      await moving.page([moving.shown('a1', { source: 'Fair', updatedAt: new Date('2026-03-03T00:00:00Z') })]);
      expect(await moving.hosted('a1')).toBe('screen');
      await moving.confirm({ s1: 'lead' });
      expect(await moving.hosted('a1')).toBe('screen');
    });
  });

  describe('of a connection that ends', () => {
    it('is refused with the reason, and the host has it where the ATS had it last', async () => {
      await moving.fill(2);
      const waiting = await moving.move('a1', 'screen');
      moves.onSend = dropped;
      const sent = await moving.move('a2', 'screen');
      await moving.work('a2', 1);
      await moving.ats.get(Disconnect).disconnect(moving.workspace, moving.connection, 'ann');
      await moving.work('a1', 1);
      await moving.later('a2');
      await moving.work('a2', 1);
      expect(moves.sent).toHaveLength(1);
      await moving.ats.get(OutboundSchedule).sweep();
      expect(await moving.change(waiting)).toMatchObject({ status: 'refused', reason_code: 'disconnected' });
      expect((await moving.change(sent)).reason).toContain('nobody can tell whether it happened');
      expect([await moving.hosted('a1'), await moving.hosted('a2')]).toEqual(['applied', 'applied']);
      await expect(moving.move('a1', 'offer')).rejects.toMatchObject({ code: 'not-connected' });
    });
  });

  describe('is not taken', () => {
    it.each([
      ["for another workspace's application (ASVS 8.2.2)", { workspaceId: 'globex' }, 'not-found'],
      ['to a stage that the host does not have', { toStageId: 'nowhere' }, 'unknown-stage'],
    ])('%s', async (_, more, code) => {
      await moving.fill(1);
      await expect(moving.move('a1', 'screen', more)).rejects.toMatchObject({ code });
      await expect(moving.ats.get(ChangeHistory).list('globex', moving.connection, { limit: 5 })).rejects.toMatchObject(
        {
          code: 'not-found',
        },
      );
    });

    it.each([
      ['stageRemoteId', 'screen', 'is to take no moves', 'rejected'],
      ['status', 'rejected', 'no rejections and hires', 'screen'],
    ])('where the connection is set to leave %s alone', async (field, stage, words, other) => {
      await moving.fill(1, { fields: { application: { [field]: 'read-only' } } });
      await expect(moving.move('a1', stage)).rejects.toMatchObject({
        code: 'read-only-field',
        message: expect.stringMatching(new RegExp(`Scripted.*${words}.*as this connection is set`)),
      });
      await moving.move('a1', other);
    });

    it('where the ATS takes no such move, naming the ATS and the field', async () => {
      await moving.fill(1);
      moves.moves = ['stage'];
      await expect(moving.move('a1', 'rejected')).rejects.toMatchObject({
        code: 'read-only-field',
        message: expect.stringContaining('Scripted') as unknown,
        details: { fields: ['stage'], provider: 'scripted' },
      });
    });
  });
});
