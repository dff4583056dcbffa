import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RecordKind } from '../../contract/records.js';
import { buryRecords } from '../../records/bury-records.js';
import { readKnown, upsertRecords } from '../../records/upsert-records.js';
import { SyncRuns } from '../../sync/sync-runs.js';
import { MOMENT, aCandidate, aJob, after, anApplication } from '../../testing-support/records.js';
import { RunningAts } from '../../testing-support/running-ats.js';
import { LISTED_TOGETHER, ScriptedAts } from '../../testing-support/scripted-ats.js';
import { Provenance } from './provenance.js';
import type { ValueProvenance } from './value-provenance.js';

const WORKSPACE = 'workspace-1';

describe('Provenance', () => {
  const script = new ScriptedAts(LISTED_TOGETHER);
  let ats: RunningAts;
  let connection: string;

  beforeAll(async () => {
    ats = await RunningAts.start({ provider: script.provider });
  });
  afterAll(() => ats.stop());
  beforeEach(async () => {
    connection = await ats.connect({ workspaceId: WORKSPACE });
    script.scripts.set('jobs', [{ records: [aJob('j1')] }]);
    script.scripts.set('opportunities', [
      { records: [aCandidate('c1', { headline: 'Baker', company: 'Acme' }), anApplication('a1')] },
    ]);
  });

  const values = async (kind: RecordKind, remoteId: string): Promise<Record<string, ValueProvenance>> => {
    const { values: list } = await ats.get(Provenance).of(WORKSPACE, connection, kind, remoteId);
    return Object.fromEntries(list.map((value) => [value.field, value]));
  };
  const storedChanges = (table: string, remoteId: string) =>
    ats.database.value(`select value_changes from ats.${table} where connection_id = $1 and remote_id = $2`, [
      connection,
      remoteId,
    ]);
  const changeCandidate = (changes: object): void => {
    script.scripts.set('opportunities', [
      { records: [aCandidate('c1', { headline: 'Baker', company: 'Acme', ...changes }), anApplication('a1')] },
    ]);
  };

  it('says that what was never changed came with the run that imported the record', async () => {
    const run = await ats.sync(connection);
    const { headline, name } = await values('candidate', 'c1');
    expect(headline).toEqual({
      field: 'headline',
      value: 'Baker',
      source: 'ats',
      sourceName: 'Scripted',
      atsUpdatedAt: MOMENT,
      learntAt: expect.any(Date),
      event: { kind: 'sync-run', id: run.id, runKind: 'initial', actorUserId: null, first: true },
    });
    expect(name?.event).toEqual(headline?.event);
    expect(await storedChanges('candidates', 'c1')).toBeNull();
  });

  it('gives a value that changed to the run that brought it, and leaves the others with theirs', async () => {
    const first = await ats.sync(connection);
    changeCandidate({ headline: 'Miller', emails: [{ value: 'c1@x.example', type: null }], updatedAt: after(60) });
    const second = await ats.sync(connection, 'incremental');
    const { headline, emails, company } = await values('candidate', 'c1');
    for (const value of [headline, emails]) {
      expect(value).toMatchObject({
        atsUpdatedAt: after(60),
        event: { kind: 'sync-run', id: second.id, runKind: 'incremental', first: false },
      });
    }
    expect(company).toMatchObject({ atsUpdatedAt: MOMENT, event: { id: first.id, first: true } });
    expect(Object.keys((await storedChanges('candidates', 'c1')) as object).sort()).toEqual(['emails', 'headline']);
  });

  it('keeps the newest change of a value that changes again, and notes nothing of a page that changes nothing', async () => {
    await ats.sync(connection);
    changeCandidate({ headline: 'Miller', updatedAt: after(60) });
    await ats.sync(connection, 'incremental');
    changeCandidate({ headline: 'Brewer', updatedAt: after(120) });
    const third = await ats.sync(connection, 'incremental');
    const stored = await storedChanges('candidates', 'c1');
    await ats.sync(connection, 'resync');
    expect(await storedChanges('candidates', 'c1')).toEqual(stored);
    expect((await values('candidate', 'c1'))['headline']).toMatchObject({
      value: 'Brewer',
      atsUpdatedAt: after(120),
      event: { id: third.id },
    });
  });

  it('names the delivery for which a targeted run read the record', async () => {
    await ats.sync(connection);
    const hook = randomUUID();
    await ats.database.rows(
      `insert into ats.webhook_hooks (id, connection_id, provider, how, status, status_at, url, created_at)
       values ($1, $2, 'scripted', 'manual', 'active', now(), 'https://elly.example/hook', now())`,
      [hook, connection],
    );
    const deliveryId = await ats.database.value<string>(
      `insert into ats.webhook_inbox (hook_id, connection_id, delivery_key, event, touched, gone, state)
       values ($1, $2, 'd1', 'changed', $3::jsonb, '[]', 'done') returning id::text`,
      [hook, connection, JSON.stringify([{ kind: 'candidate', remoteId: 'c1' }])],
    );
    const runId = randomUUID();
    await ats.database.rows(
      `insert into ats.sync_runs (id, connection_id, kind, trigger, status, epoch, window_until, queued_at, finished_at)
       values ($1, $2, 'targeted', 'webhook', 'completed', 1, now(), now(), now())`,
      [runId, connection],
    );
    await write([aCandidate('c1', { headline: 'Miller', updatedAt: after(60) })], runId);
    expect((await values('candidate', 'c1'))['headline']?.event).toEqual({
      kind: 'webhook',
      id: deliveryId,
      runKind: 'targeted',
      actorUserId: null,
      first: false,
    });
    await write([aCandidate('c2', { updatedAt: after(60) })], runId);
    await write([aCandidate('c2', { headline: 'Miller', updatedAt: after(120) })], runId);
    expect((await values('candidate', 'c2'))['headline']?.event).toMatchObject({ kind: 'sync-run', id: runId });
  });

  it('gives a stage that somebody moved to in Elly to them, also when a page shows it before it is confirmed', async () => {
    await ats.sync(connection);
    const change = await moved({ status: 'confirmed', sentSecondsAgo: 5, settledInSeconds: 5 });
    await write([anApplication('a1', { stageRemoteId: 's2', updatedAt: after(60) })], await aRun());
    const { stage_remote_id: stage, source } = await values('application', 'a1');
    expect(stage).toMatchObject({
      value: 's2',
      source: 'elly',
      sourceName: 'Elly',
      event: { kind: 'stage-change', id: change, actorUserId: 'user-7', first: false },
    });
    expect(source).toMatchObject({ source: 'ats', event: { first: true } });
  });

  it('gives a stage to the ATS that was moved there after our change, and one that its refusal showed', async () => {
    await ats.sync(connection);
    await moved({ status: 'confirmed', sentSecondsAgo: 60, settledInSeconds: -50 });
    const run = await aRun();
    await write([anApplication('a1', { stageRemoteId: 's3', updatedAt: after(60) })], run);
    expect((await values('application', 'a1'))['stage_remote_id']).toMatchObject({
      source: 'ats',
      event: { kind: 'sync-run', id: run },
    });
    const refused = await moved({ status: 'refused', sentSecondsAgo: 1, settledInSeconds: 1 });
    await write([anApplication('a1', { stageRemoteId: 's4', updatedAt: after(90) })], undefined);
    expect((await values('application', 'a1'))['stage_remote_id']).toMatchObject({
      source: 'ats',
      event: { kind: 'stage-change', id: refused },
    });
  });

  it('takes changes of fields from their table, once there is one', async () => {
    await ats.sync(connection);
    await ats.database
      .rows(`create table if not exists ats.field_changes (id uuid primary key, connection_id uuid, workspace_id text,
      epoch int, candidate_id uuid, candidate_remote_id text, status text, actor_user_id text, requested_at timestamptz,
      sent_at timestamptz, settled_at timestamptz)`);
    await ats.database.rows(
      `create table if not exists ats.field_change_values (change_id uuid, field text, status text)`,
    );
    const id = await ats.database.value<string>(
      `insert into ats.field_changes (id, connection_id, workspace_id, epoch, candidate_id, candidate_remote_id, status,
         actor_user_id, requested_at, sent_at, settled_at)
       select gen_random_uuid(), $1, $2, 1, id, 'c1', 'confirmed', 'user-7', now() - interval '1 day', now() - interval '1 second',
         now() + interval '1 second' from ats.candidates where connection_id = $1 and remote_id = 'c1' returning id`,
      [connection, WORKSPACE],
    );
    await ats.database.rows(
      `insert into ats.field_change_values (change_id, field, status) values ($1, 'firstName', 'confirmed'), ($1, 'headline', 'refused')`,
      [id],
    );
    const changed = aCandidate('c1', { headline: 'Miller', company: 'Acme', firstName: 'Cleo', updatedAt: after(60) });
    await write([changed], await aRun());
    const { first_name: firstName, headline } = await values('candidate', 'c1');
    expect(firstName).toMatchObject({ source: 'elly', event: { kind: 'field-change', id, actorUserId: 'user-7' } });
    expect(headline).toMatchObject({ source: 'ats', event: { kind: 'sync-run' } });
  });

  it('says that an application is whose it is because two candidates were merged', async () => {
    await ats.sync(connection);
    await buryRecords(
      ats.database.em(),
      connection,
      [{ kind: 'candidate', remoteId: 'c1', tombstone: 'merged', intoRemoteId: 'c9', at: null }],
      new Date(),
    );
    expect((await values('application', 'a1'))['candidate_remote_id']).toMatchObject({
      value: 'c9',
      event: { kind: 'merge', id: null },
    });
    await expect(values('candidate', 'c1')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('says of what was here before that its event was not recorded', async () => {
    await ats.sync(connection);
    await ats.database.rows(
      `update ats.candidates set first_run = null, first_version = null where connection_id = $1`,
      [connection],
    );
    expect((await values('candidate', 'c1'))['name']).toMatchObject({
      source: 'ats',
      atsUpdatedAt: null,
      event: { kind: 'not-recorded', id: null, first: true },
    });
  });

  it("shows nothing of another workspace's connection (ASVS 8.2.2)", async () => {
    await ats.sync(connection);
    await expect(ats.get(Provenance).of('another', connection, 'candidate', 'c1')).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  /** Writes records as a page of this run does, or as a read-back without one. */
  async function write(
    records: readonly (ReturnType<typeof aCandidate> | ReturnType<typeof anApplication>)[],
    runId: string | undefined,
  ): Promise<void> {
    const em = ats.database.em();
    for (const record of records) {
      const known = await readKnown(em, record.kind, connection, [record.remoteId]);
      await upsertRecords(em, record.kind, connection, [record], known, { runId });
    }
  }

  async function aRun(): Promise<string> {
    const runId = await ats.get(SyncRuns).request(connection, 'incremental', 'person');
    await ats.database.rows(`update ats.sync_runs set status = 'aborted', finished_at = now() where id = $1`, [runId]);
    return runId;
  }

  async function moved(change: {
    status: 'confirmed' | 'refused';
    sentSecondsAgo: number;
    settledInSeconds: number;
  }): Promise<string> {
    return ats.database.value<string>(
      `insert into ats.stage_changes (id, connection_id, workspace_id, epoch, application_id, application_remote_id, status, to_stage_id,
         actor_user_id, baseline, requested_at, sent_at, settled_at)
       select gen_random_uuid(), $1, $2, 1, id, 'a1', $3, 'screen', 'user-7', '{}', now() - make_interval(secs => $4),
         now() - make_interval(secs => $4), now() + make_interval(secs => $5)
       from ats.applications where connection_id = $1 and remote_id = 'a1' returning id`,
      [connection, WORKSPACE, change.status, change.sentSecondsAgo, change.settledInSeconds],
    );
  }
});
