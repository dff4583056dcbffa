import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { StreamRequest } from '../contract/ats-provider.js';
import type { ProviderRecord, RecordKind } from '../contract/records.js';
import { aCandidate, aJob, aResume, anApplication } from '../testing-support/records.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { ScriptedAts } from '../testing-support/scripted-ats.js';
import type { ScriptedPage } from '../testing-support/scripted-ats.js';
import { HeldDeletions } from './held-deletions.js';
import { SyncRuns } from './sync-runs.js';

const SHAPES = [
  { name: 'jobs', kinds: ['job'], modes: ['full', 'changes', 'ids'] },
  { name: 'applications', kinds: ['application'], after: ['jobs'], modes: ['full', 'changes', 'ids'] },
  { name: 'candidates', kinds: ['candidate'], after: ['applications'], modes: ['full', 'changes', 'ids'] },
  { name: 'resumes', kinds: ['resume'], after: ['candidates'], modes: ['full', 'changes'] },
] as const;
const STUB = { kind: 'candidate', remoteId: null, reason: 'private' } as const;
const PEOPLE = Array.from({ length: 40 }, (_, at) => String(at).padStart(2, '0'));

describe('DeletionSweep', () => {
  const script = new ScriptedAts(SHAPES);
  let ats: RunningAts;
  let connection: string;
  let workspaceId: string;
  /** Whom the ATS shows as somebody without an id; their applications and résumés are in no list. */
  let secret: Set<string>;
  /** What the ATS has; and what its lists pass over although it has it. */
  let jobs: string[];
  let people: string[];
  let unlisted: Set<string>;

  const records: Readonly<Record<string, (id: string) => ProviderRecord>> = {
    jobs: (id) => aJob(`j${id}`),
    applications: (id) => anApplication(`a${id}`, { candidateRemoteId: `c${id}`, jobRemoteId: 'j00' }),
    candidates: (id) => aCandidate(`c${id}`),
    resumes: (id) => aResume(`r${id}`, { candidateRemoteId: `c${id}` }),
  };
  const list =
    (stream: string) =>
    (request: StreamRequest): ScriptedPage[] => {
      const shown = people.filter((id) => !secret.has(id));
      const all = (stream === 'jobs' ? jobs : shown).map((id) => records[stream]?.(id) as ProviderRecord);
      const wanted = all.filter(({ remoteId }) =>
        request.mode === 'ids' ? request.remoteIds.includes(remoteId) : !unlisted.has(remoteId),
      );
      const stubs = stream === 'candidates' && request.mode === 'full' ? secret.size : 0;
      const withheld = Array.from({ length: stubs }, () => STUB);
      return [{ records: wanted.slice(0, 20), withheld }, { records: wanted.slice(20) }];
    };
  const tombstones = async (table: string): Promise<Record<string, string>> => {
    const rows = await ats.database.rows<{ remote_id: string; tombstone: string }>(
      `select remote_id, tombstone from ats.${table} where connection_id = $1 and tombstone is not null order by 1`,
      [connection],
    );
    return Object.fromEntries(rows.map((row) => [row.remote_id, row.tombstone]));
  };
  const goneInHost = (): string[] =>
    ats.pipeline.batches.flatMap(({ gone }) => gone.map(({ kind, tombstone }) => `${kind} ${tombstone}`));
  const held = () => ats.get(HeldDeletions).list(workspaceId, connection);
  const decide = (kind: RecordKind, decision: 'approve' | 'reject') =>
    ats.get(HeldDeletions).decide(workspaceId, connection, { kind, decision, by: 'user-1' });
  const issues = () =>
    ats.database.rows<{ subject: string; message: string }>(
      `select subject, message from ats.issues where connection_id = $1 and resolved_at is null and code = 'mass-deletion'`,
      [connection],
    );

  beforeAll(async () => {
    const { manifest } = script.provider;
    const kinds = {
      ...manifest.kinds,
      job: { deletions: 'sweep' },
      application: { deletions: 'sweep' },
      candidate: { deletions: 'sweep' },
    } as const;
    ats = await RunningAts.start({
      provider: { ...script.provider, manifest: { ...manifest, kinds } },
      options: { sync: { deletionBrake: { share: 0.1, atLeast: 4 } } },
    });
  });
  afterAll(() => ats.stop());
  beforeEach(async () => {
    ats.now = null;
    workspaceId = crypto.randomUUID();
    connection = await ats.connect({ workspaceId });
    jobs = ['00', '01'];
    people = [...PEOPLE];
    unlisted = new Set();
    secret = new Set();
    for (const { name } of SHAPES) script.scripts.set(name, list(name));
    script.before = () => undefined;
    expect(await ats.sync(connection)).toMatchObject({ status: 'completed' });
    ats.pipeline.batches.length = 0;
    script.asked.length = 0;
  });

  it('marks what a listing of everything no longer shows, and tells the host', async () => {
    people = people.filter((id) => id !== '07');
    await ats.sync(connection, 'reconcile');
    expect(await tombstones('candidates')).toEqual({ c07: 'deleted' });
    expect(await tombstones('applications')).toEqual({ a07: 'deleted' });
    expect(goneInHost().sort()).toEqual(['application deleted', 'candidate deleted', 'resume deleted']);
  });

  it('does the same after a re-sync, and never after an incremental run', async () => {
    people = people.filter((id) => id !== '07');
    await ats.sync(connection, 'incremental');
    expect(await tombstones('candidates')).toEqual({});
    await ats.sync(connection, 'resync');
    expect(await tombstones('candidates')).toEqual({ c07: 'deleted' });
  });

  it('keeps a row that the listing passed over but that comes when it is asked for by its id', async () => {
    unlisted.add('c11').add('a12');
    await ats.sync(connection, 'reconcile');
    expect(await tombstones('candidates')).toEqual({});
    expect(await tombstones('applications')).toEqual({});
    expect(script.fetches('candidates')).toContain('ids:0');
  });

  it('does not say that somebody was deleted who may have become private, and brings all of theirs back when they are shown', async () => {
    const [before] = await ats.database.rows<{ id: string }>(
      `update ats.resumes set file_state = 'stored', file_reference = 'f' where connection_id = $1 and remote_id = 'r07' returning id`,
      [connection],
    );
    secret.add('07');
    await ats.sync(connection, 'reconcile');
    expect(await tombstones('candidates')).toEqual({ c07: 'permission-lost' });
    expect(await tombstones('applications')).toEqual({ a07: 'permission-lost' });
    expect(await tombstones('resumes')).toEqual({ r07: 'permission-lost' });
    ats.pipeline.batches.length = 0;
    // Of the candidate alone the ATS says that something changed.
    secret.clear();
    script.scripts.set('applications', []);
    script.scripts.set('resumes', []);
    script.scripts.set('candidates', [{ records: [aCandidate('c07')] }]);
    await ats.sync(connection, 'incremental');
    expect(await tombstones('candidates')).toEqual({});
    expect(await tombstones('applications')).toEqual({});
    expect(await tombstones('resumes')).toEqual({});
    const told = ats.pipeline.batches.flatMap((batch) => batch.applications);
    expect(told).toMatchObject([{ created: false, record: { remoteId: 'a07' } }]);
    expect(
      await ats.database.value(`select file_state from ats.resumes where connection_id = $1 and remote_id = 'r07'`, [
        connection,
      ]),
    ).toBe('pending');
    const changed = await ats.database.rows<{ updated: string[] }>(
      `select body->'updated' as updated from ats.outbox_events
       where connection_id = $1 and body->>'type' = 'records.changed' and body->>'kind' = 'resume' order by id desc limit 1`,
      [connection],
    );
    expect(changed).toEqual([{ updated: [before?.id] }]);
  });

  it('leaves buried what was gone already when its candidate was hidden', async () => {
    await ats.database.rows(
      `update ats.applications set tombstone = 'deleted', tombstoned_at = now() where connection_id = $1 and remote_id = 'a07'`,
      [connection],
    );
    script.scripts.set('applications', [
      { records: people.filter((id) => id !== '07').map((id) => anApplication(`a${id}`)) },
    ]);
    secret.add('07');
    await ats.sync(connection, 'reconcile');
    secret.clear();
    script.scripts.set('candidates', [{ records: [aCandidate('c07')] }]);
    await ats.sync(connection, 'incremental');
    expect(await tombstones('candidates')).toEqual({});
    expect(await tombstones('applications')).toEqual({ a07: 'deleted' });
  });

  it('brings a row back that the ATS shows again', async () => {
    people = people.filter((id) => id !== '07');
    await ats.sync(connection, 'reconcile');
    people = [...PEOPLE];
    await ats.sync(connection, 'reconcile');
    expect(await tombstones('candidates')).toEqual({});
    expect(await ats.ids(connection, 'candidates')).toHaveLength(PEOPLE.length);
  });

  it('marks nothing when more vanishes than the brake allows, and says so to an admin', async () => {
    people = people.slice(0, 20);
    const run = await ats.sync(connection, 'reconcile');
    expect(run.status).toBe('completed');
    expect(await tombstones('candidates')).toEqual({});
    expect(await held()).toMatchObject([
      { kind: 'application', count: 20 },
      { kind: 'candidate', count: 20 },
    ]);
    const raised = await issues();
    expect(raised.map(({ subject }) => subject).sort()).toEqual(['application', 'candidate']);
    expect(raised[0]?.message).toContain('20 of 40');
  });

  it('marks what was held once an admin approves, and only what is gone still', async () => {
    people = people.slice(0, 20);
    await ats.sync(connection, 'reconcile');
    people = [...people, '30'];
    expect(await decide('candidate', 'approve')).toBe(20);
    await ats.work(await ats.get(SyncRuns).request(connection, 'reconcile', 'person'));
    const gone = await tombstones('candidates');
    expect(Object.keys(gone)).toHaveLength(19);
    expect(gone).not.toHaveProperty('c30');
    // Their applications went with them: nothing is left to decide.
    expect(Object.keys(await tombstones('applications'))).toHaveLength(19);
    expect(await held()).toEqual([]);
    expect(await issues()).toEqual([]);
  });

  it('leaves what an admin rejected alone, however often the ATS is listed', async () => {
    people = people.slice(0, 20);
    await ats.sync(connection, 'reconcile');
    await decide('candidate', 'reject');
    await decide('application', 'reject');
    await ats.sync(connection, 'reconcile');
    expect(await tombstones('candidates')).toEqual({});
    expect(await held()).toEqual([]);
    expect(await issues()).toEqual([]);
  });

  it('refuses a decision on nothing, and one of another workspace', async () => {
    await expect(decide('candidate', 'approve')).rejects.toMatchObject({ code: 'nothing-held' });
    const stranger = ats.get(HeldDeletions).list(crypto.randomUUID(), connection);
    await expect(stranger).rejects.toMatchObject({ code: 'not-found' });
  });

  it('counts what an aborted listing had seen when the next one goes on from it', async () => {
    const failing = await ats.get(SyncRuns).request(connection, 'resync', 'person');
    script.before = ({ stream, page }) => {
      if (stream === 'candidates' && page === 1) throw new Error('the line is dead');
    };
    await ats.work(failing);
    await ats.database.rows(
      `update ats.sync_runs set status = 'aborted', finished_at = now(), lease_until = null where id = $1`,
      [failing],
    );
    script.before = () => undefined;
    expect(await ats.sync(connection, 'resync')).toMatchObject({ status: 'completed' });
    expect(await tombstones('candidates')).toEqual({});
    expect(await tombstones('applications')).toEqual({});
  });

  it('says up to when everything is here, and when the next listing is due', async () => {
    const [row] = await ats.database.rows<{ until: Date | null; due: boolean }>(
      `select reconciled_until as until, next_reconcile_at > now() + interval '23 hours' as due from ats.connections where id = $1`,
      [connection],
    );
    expect(row?.until).not.toBeNull();
    expect(row?.due).toBe(true);
  });
});
