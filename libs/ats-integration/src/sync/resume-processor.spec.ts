import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ProviderFault } from '../contract/fault.js';
import type { ResumeRecord } from '../contract/records.js';
import { FolderFileStore } from '../host/folder-file-store.js';
import { LocalServer } from '../testing-support/local-server.js';
import { aCandidate, aJob, anApplication, aResume, after } from '../testing-support/records.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { LISTED_TOGETHER, ScriptedAts } from '../testing-support/scripted-ats.js';
import { ResumeProcessor } from './resume-processor.js';
import { SyncSchedule } from './sync-schedule.js';
import { RESUME_WORK } from './work-kinds.js';

const PDF = '%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n';

describe('ResumeProcessor', () => {
  const script = new ScriptedAts([
    ...LISTED_TOGETHER,
    { name: 'resumes', kinds: ['resume'], after: ['opportunities'] },
  ]);
  let server: LocalServer;
  let ats: RunningAts;
  let folder: string;
  let connection: string;
  let located: { remoteId: string; expired: boolean }[];

  beforeAll(async () => {
    server = await LocalServer.start();
    folder = await mkdtemp(join(tmpdir(), 'ats-files-'));
    ats = await RunningAts.start({
      provider: script.provider,
      url: server.url,
      options: { sync: { maxResumeBytes: 2000 } },
      ports: { fileStore: { useValue: new FolderFileStore(folder) } },
    });
  });
  afterAll(async () => {
    await ats.stop();
    await server.stop();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    connection = await ats.connect();
    located = [];
    server.heard.length = 0;
    ats.queue.items.length = 0;
    script.before = () => undefined;
    script.scripts.set('jobs', [{ records: [aJob('j1')] }]);
    script.scripts.set('opportunities', [{ records: [aCandidate('c1'), anApplication('a1')] }]);
    script.scripts.set('resumes', [{ records: [aResume('r1')] }]);
    script.resumes = {
      locate: (_, { remoteId, expired }) => {
        located.push({ remoteId, expired });
        return Promise.resolve({ url: `${server.url}/v1/${remoteId}${expired ? '-again' : ''}`, authorised: true });
      },
    };
    server.answer = (response) => void response.end(PDF);
  });

  const fetch = async (): Promise<void> => {
    await ats.database.rows(`update ats.connections set resumes_lease_until = null where id = $1`, [connection]);
    await ats.get(ResumeProcessor).process(connection);
  };
  const states = (): Promise<Record<string, unknown>[]> =>
    ats.database.rows(
      `select remote_id, file_state, file_note from ats.resumes where connection_id = $1 order by remote_id`,
      [connection],
    );
  const state = async (): Promise<unknown> => (await states())[0]?.['file_state'];
  const wanted = (): boolean => ats.queue.items.some(({ kind, id }) => kind === RESUME_WORK && id === connection);

  it('brings the bytes into the store and tells the host, with the library id of the candidate', async () => {
    await ats.sync(connection);
    expect(wanted()).toBe(true);
    await fetch();
    const [row] = await ats.database.rows<{ file_reference: string; file_size: string; file_type: string }>(
      `select file_reference, file_size::text, file_type from ats.resumes where connection_id = $1`,
      [connection],
    );
    expect(row).toMatchObject({ file_size: String(PDF.length), file_type: 'application/pdf' });
    expect(await readFile(join(folder, row?.file_reference ?? ''), 'utf8')).toBe(PDF);
    const hosted = await ats.database.rows(
      `select h.reference from host.resumes h join ats.candidates c on c.id = h.candidate_id where c.connection_id = $1`,
      [connection],
    );
    expect(hosted).toEqual([{ reference: row?.file_reference }]);
    expect(server.heard[0]?.headers.authorization).toBe('Bearer canary-access-token');
  });

  it('fetches a file once', async () => {
    await ats.sync(connection);
    await fetch();
    await fetch();
    await ats.sync(connection, 'resync');
    await fetch();
    expect(server.heard).toHaveLength(1);
  });

  it.each([
    ['is no document', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(100)]), 'it is not a document'],
    ['is too large', Buffer.concat([Buffer.from(PDF), Buffer.alloc(3000, 'x')]), 'larger than'],
  ])('refuses a file that %s, says why and leaves nothing of it in the store', async (_, body, note) => {
    const before = await readdir(folder);
    server.answer = (response) => void response.end(body);
    await ats.sync(connection);
    await fetch();
    expect(await states()).toEqual([
      { remote_id: 'r1', file_state: 'refused', file_note: expect.stringContaining(note) },
    ]);
    expect(await readdir(folder)).toEqual(before);
  });

  it('asks for another link when the one that was listed has expired', async () => {
    server.answer = (response, { url }) => void response.writeHead(url.endsWith('-again') ? 200 : 403).end(PDF);
    await ats.sync(connection);
    await fetch();
    expect(located).toEqual([
      { remoteId: 'r1', expired: false },
      { remoteId: 'r1', expired: true },
    ]);
    expect(await state()).toBe('stored');
  });

  it('notes a file that the ATS no longer has', async () => {
    server.answer = (response) => void response.writeHead(404).end();
    await ats.sync(connection);
    await fetch();
    expect(await state()).toBe('gone');
  });

  it('keeps the newest of several and fetches no other', async () => {
    script.scripts.set('resumes', [
      {
        records: [
          aResume('r1', { candidateRemoteId: 'c1', uploadedAt: after(10) }),
          aResume('r2', { candidateRemoteId: 'c1', uploadedAt: after(20) }),
          aResume('r3', { candidateRemoteId: 'c1', uploadedAt: null }),
        ],
      },
    ]);
    await ats.sync(connection);
    await fetch();
    expect((await states()).map(({ file_state }) => file_state)).toEqual(['superseded', 'stored', 'superseded']);
    expect(located.map(({ remoteId }) => remoteId)).toEqual(['r2']);
  });

  it('takes no résumé of a person who was not imported', async () => {
    script.scripts.set('resumes', [{ records: [aResume('r9')] }]);
    await ats.sync(connection);
    expect(await states()).toEqual([]);
    expect(await ats.skipped(connection)).toEqual({ 'resume:r9': 'candidate-not-imported' });
  });

  it('does not use up its attempts in one moment while the files are out of reach', async () => {
    server.answer = (response) => void response.writeHead(503).end();
    await ats.sync(connection);
    ats.queue.items.length = 0;
    await ats.get(ResumeProcessor).process(connection);
    expect(await state()).toBe('pending');
    expect(ats.queue.items.filter(({ id }) => id === connection)).toEqual([
      expect.objectContaining({ delayMs: expect.any(Number) }),
    ]);
    expect(ats.queue.items.find(({ id }) => id === connection)?.delayMs).toBeGreaterThanOrEqual(30_000);
    // Neither a sweep nor an impatient queue asks before.
    await ats.get(ResumeProcessor).process(connection);
    expect(server.heard).toHaveLength(1);
  });

  it('does not use up its attempts in one moment while the answers break off in the middle', async () => {
    server.answer = (response) => {
      response.writeHead(200, { 'content-length': '1900' });
      response.write(PDF, () => response.destroy());
    };
    await ats.sync(connection);
    ats.queue.items.length = 0;
    await ats.get(ResumeProcessor).process(connection);
    expect(await state()).toBe('pending');
    expect(ats.queue.items.find(({ id }) => id === connection)?.delayMs).toBeGreaterThanOrEqual(30_000);
    await ats.get(ResumeProcessor).process(connection);
    expect(server.heard).toHaveLength(1);
  });

  it('gives a file up after five attempts, and tries again when a person asks for a re-sync', async () => {
    server.answer = (response) => void response.writeHead(503).end();
    await ats.sync(connection);
    for (let attempt = 0; attempt < 5; attempt += 1) await fetch();
    expect(await states()).toEqual([
      { remote_id: 'r1', file_state: 'refused', file_note: expect.stringContaining('A re-sync tries again.') },
    ]);
    server.answer = (response) => void response.end(PDF);
    await ats.sync(connection, 'resync');
    await fetch();
    expect(await state()).toBe('stored');
  });

  describe('for an ATS that lists résumés one application at a time', () => {
    let asked: string[];
    let answer: (remoteId: string) => ResumeRecord | null;

    beforeEach(() => {
      asked = [];
      answer = (remoteId) => aResume(`r-${remoteId}`, { candidateRemoteId: remoteId.replace('a', 'c') });
      script.scripts.set('resumes', []);
      script.resumes = {
        locate: (_, { remoteId }) => Promise.resolve({ url: `${server.url}/v1/${remoteId}`, authorised: true }),
        ofApplication: (_, { remoteId }) => {
          asked.push(remoteId);
          return Promise.resolve().then(() => answer(remoteId));
        },
      };
    });

    it('looks at each application once, and again when it changed', async () => {
      await ats.sync(connection);
      await fetch();
      await fetch();
      expect(asked).toEqual(['a1']);
      expect(await state()).toBe('stored');
      script.scripts.set('opportunities', [
        { records: [aCandidate('c1'), anApplication('a1', { updatedAt: after(60) })] },
      ]);
      await ats.sync(connection, 'incremental');
      await fetch();
      expect(asked).toEqual(['a1', 'a1']);
    });

    it('loses neither the other applications nor the downloads to one that cannot be looked at', async () => {
      const ids = ['a1', 'a2', 'a3', 'a4'];
      script.scripts.set('opportunities', [
        { records: ids.flatMap((id) => [aCandidate(id.replace('a', 'c')), anApplication(id)]) },
      ]);
      const usual = answer;
      answer = (remoteId) => {
        if (remoteId === 'a1') throw new ProviderFault('unavailable', 'The ATS answered 500.');
        if (remoteId === 'a2') throw new ProviderFault('invalid-request', 'The ATS answered 400.');
        if (remoteId === 'a3') throw new TypeError('Malformed.');
        return usual(remoteId);
      };
      await ats.sync(connection);
      await fetch();
      expect(asked.sort()).toEqual(ids);
      expect(await states()).toEqual([{ remote_id: 'r-a4', file_state: 'stored', file_note: null }]);
      // What fails for good is not asked again; what may pass is, and only after those that wait behind it.
      asked = [];
      script.scripts.set('opportunities', [{ records: [aCandidate('c5'), anApplication('a5')] }]);
      await ats.sync(connection, 'incremental');
      await fetch();
      expect(asked).toEqual(['a5']);
      answer = usual;
      await fetch();
      await fetch();
      expect(asked).toEqual(['a5', 'a1']);
      expect((await states()).map(({ file_state }) => file_state)).toEqual(['stored', 'stored', 'stored']);
    });

    it('fetches what is listed while the listing is refused', async () => {
      script.scripts.set('resumes', [{ records: [aResume('r1')] }]);
      answer = () => {
        throw new ProviderFault('forbidden-scope', 'Grant the permission to read files.');
      };
      await ats.sync(connection);
      await fetch();
      expect(await state()).toBe('stored');
    });

    it('rests after a refusal that does not pass by itself, instead of asking at every sweep', async () => {
      answer = () => {
        throw new ProviderFault('forbidden-scope', 'Grant the permission to read files.');
      };
      await ats.sync(connection);
      await ats.get(ResumeProcessor).process(connection);
      ats.queue.items.length = 0;
      await ats.get(SyncSchedule).sweep();
      expect(wanted()).toBe(false);
      await ats.get(ResumeProcessor).process(connection);
      expect(asked).toEqual(['a1']);
    });
  });
});
