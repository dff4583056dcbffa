import { randomUUID } from 'node:crypto';
import { CandidateMerges, DuplicateSearch, HiringPipeline } from '@elly/ats-integration';
import type { PipelineBatch } from '@elly/ats-integration';
import type { ApplicationRecord, CandidateRecord } from '@elly/ats-integration/contract';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MikroORM } from '@mikro-orm/postgresql';
import type { RunningElly } from './testing/running-elly.js';
import { RAE, runElly } from './testing/running-elly.js';

describe('duplicates in Elly, over HTTP', () => {
  let running: RunningElly;
  let orm: MikroORM;
  let workspaceId: string;
  const request: RunningElly['request'] = (...call) => running.request(...call);
  const run = (sql: string, values: unknown[]) => orm.em.fork().getConnection().execute(sql, values, 'run');

  beforeAll(async () => {
    running = await runElly({ GREENHOUSE_CLIENT_ID: 'client', GREENHOUSE_CLIENT_SECRET: 'secret' });
    orm = running.elly.app.get(MikroORM);
    ({ workspaceId } = (await request('GET', '/session')).body as { workspaceId: string });
  });
  afterAll(() => running.stop());

  const base = { updatedAt: null, customFields: {} };
  const candidateOf = (remoteId: string, over: Partial<CandidateRecord>): CandidateRecord => ({
    ...base,
    kind: 'candidate',
    remoteId,
    name: 'Noor Haddad',
    firstName: null,
    lastName: null,
    emails: [],
    phones: [],
    headline: null,
    company: null,
    location: null,
    links: [],
    tags: [],
    anonymised: false,
    url: null,
    ...over,
  });
  const applicationOf = (remoteId: string, candidateRemoteId: string): ApplicationRecord => ({
    ...base,
    kind: 'application',
    remoteId,
    candidateRemoteId,
    jobRemoteId: null,
    stageRemoteId: null,
    stageName: null,
    status: 'active',
    statusReason: null,
    appliedAt: null,
    stageChangedAt: null,
    source: null,
    ownerRemoteId: null,
  });
  const give = (connectionId: string, over: Partial<PipelineBatch>) =>
    orm.em.fork().transactional((em) =>
      running.elly.app.get<HiringPipeline>(HiringPipeline, { strict: false }).apply(
        {
          workspaceId,
          connectionId,
          provider: { id: 'greenhouse', name: 'Greenhouse' },
          jobs: [],
          candidates: [],
          applications: [],
          resumes: [],
          gone: [],
          ...over,
        },
        em,
      ),
    );
  /** As a page of a sync leaves it: the library's rows and Elly's. */
  const imported = async (record: CandidateRecord) => {
    const [connection, candidate, application] = [randomUUID(), randomUUID(), randomUUID()];
    await run(
      `insert into ats.connections (id, workspace_id, provider, status, created_by, created_at)
       values (?, ?, 'greenhouse', 'disconnected', 'ada', now())`,
      [connection, workspaceId],
    );
    await run(
      `insert into ats.candidates (id, connection_id, remote_id, hash, version, name, emails, phones, headline, company, links, tags, anonymised, custom_fields)
       values (?, ?, ?, 'h', 1, ?, ?, ?, ?, ?, '[]', '[]', false, '{}')`,
      [
        candidate,
        connection,
        record.remoteId,
        record.name,
        JSON.stringify(record.emails),
        JSON.stringify(record.phones),
        record.headline,
        record.company,
      ],
    );
    await run(
      `insert into ats.applications (id, connection_id, remote_id, hash, version, candidate_remote_id, status, custom_fields)
       values (?, ?, 'a1', 'h', 1, ?, 'active', '{}')`,
      [application, connection, record.remoteId],
    );
    const applications = [
      {
        id: application,
        created: true,
        record: applicationOf('a1', record.remoteId),
        candidateId: candidate,
        jobId: null,
        placement: null,
        correction: null,
      },
    ];
    await give(connection, { candidates: [{ id: candidate, created: true, record }], applications });
    return { connection, candidate, application };
  };
  const named = async (search: string) =>
    (await request('GET', `/candidates?search=${search}`)).body.items as { id: string; source: { kind: string } }[];

  it('the candidate made by hand and the imported one become one, and two again', async () => {
    const emails = [{ value: 'Noor.Haddad@example.com', type: null }];
    const record = candidateOf('c1', { emails, headline: 'From the ATS' });
    const { connection, candidate } = await imported(record);
    const before = await named('Haddad');
    expect(before).toHaveLength(2);
    await running.elly.app.get(DuplicateSearch, { strict: false }).search(workspaceId);

    const [found] = (await request('GET', '/ats/duplicates')).body;
    expect(found).toMatchObject({ left: { kind: 'ats', id: candidate }, right: { kind: 'own' }, confidence: 'high' });
    const preview = (await request('GET', `/ats/duplicates/${found.id}/preview`)).body as {
      fields: { field: string }[];
    };
    expect(preview.fields.find(({ field }) => field === 'company')).toMatchObject({
      left: null,
      right: 'Initech',
      choice: 'right',
    });
    const body = { choices: { headline: 'right' } };
    expect((await request('POST', `/ats/duplicates/${found.id}/merge`, body, { 'x-elly-user': RAE })).status).toBe(403);
    const merged = await request('POST', `/ats/duplicates/${found.id}/merge`, body);
    expect(merged).toMatchObject({ status: 200, body: { survivor: found.left, merged: found.right } });
    expect(await request('POST', `/ats/duplicates/${found.id}/merge`, body)).toMatchObject({
      status: 409,
      type: 'application/problem+json',
    });

    const [one, ...others] = await named('Haddad');
    expect(others).toEqual([]);
    const profile = (await request('GET', `/candidates/${one?.id}`)).body as { applications: { source: string }[] };
    expect(profile).toMatchObject({ headline: 'Go and Postgres', company: 'Initech' });
    expect(profile.applications.map(({ source }) => source).sort()).toEqual(['ats', 'manual']);
    // An old address leads to who it is now.
    expect((await request('GET', `/candidates/${found.right.id}`)).body.id).toBe(one?.id);

    // A sync brings the record again: the survivor is updated, nobody is made.
    await run(`update ats.candidates set location = 'Berlin' where id = ?`, [candidate]);
    await give(connection, {
      candidates: [{ id: candidate, created: false, record: { ...record, location: 'Berlin' } }],
    });
    expect(await named('Haddad')).toHaveLength(1);
    expect((await request('GET', `/candidates/${one?.id}`)).body).toMatchObject({
      headline: 'Go and Postgres',
      location: 'Berlin',
    });

    const [audit] = (await request('GET', '/ats/merges')).body;
    expect(audit).toMatchObject({
      id: merged.body.id,
      choices: { headline: 'merged', location: 'survivor' },
      undoneAt: null,
    });
    expect(await request('POST', `/ats/merges/${audit.id}/undo`)).toMatchObject({ status: 200 });
    expect((await request('POST', `/ats/merges/${audit.id}/undo`)).status).toBe(409);
    const after = await named('Haddad');
    expect(after.map(({ id }) => id).sort()).toEqual(before.map(({ id }) => id).sort());
    const [own, fromAts] = await Promise.all(
      [found.right.id as string, one?.id].map(
        async (id) => (await request('GET', `/candidates/${id}`)).body as { applications: unknown },
      ),
    );
    expect(own).toMatchObject({ headline: 'Go and Postgres', location: null });
    expect(own?.applications).toMatchObject([{ source: 'manual' }]);
    expect(fromAts).toMatchObject({ headline: 'From the ATS', location: 'Berlin', company: null });
    expect(fromAts?.applications).toMatchObject([{ source: 'ats' }]);
    await running.elly.app.get(DuplicateSearch, { strict: false }).search(workspaceId);
    expect((await request('GET', '/ats/duplicates')).body).toEqual([]);
  });

  it('a suggestion that was dismissed is not made again, and whoever has its address may think better of it', async () => {
    const emails = [{ value: 'tomas.vega@example.com', type: null }];
    const { candidate } = await imported(candidateOf('c2', { name: 'Tomas Vega', emails }));
    const search = () => running.elly.app.get(DuplicateSearch, { strict: false }).search(workspaceId);
    await search();
    const [found] = (await request('GET', '/ats/duplicates')).body;
    expect(found.left.id).toBe(candidate);
    expect((await request('POST', `/ats/duplicates/${found.id}/dismiss`)).status).toBe(204);
    await search();
    expect((await request('GET', '/ats/duplicates')).body).toEqual([]);
    expect((await request('POST', `/ats/duplicates/${found.id}/merge`, {})).status).toBe(200);
    expect((await request('POST', `/ats/duplicates/${randomUUID()}/merge`, {})).status).toBe(404);
    expect((await request('GET', '/ats/duplicates?limit=0')).status).toBe(400);
  });

  it('two who were put into one job by hand become one with both applications, and go apart with one each', async () => {
    const job = await request('POST', '/jobs', { title: 'One job' });
    const make = async (name: string): Promise<string> =>
      (await request('POST', '/candidates', { name, emails: ['kai@example.com'], jobId: job.body.id })).body
        .id as string;
    const own = [await make('Kai One'), await make('Kai Two')] as const;
    const { candidate } = await imported(
      candidateOf('c3', { name: 'Kai', emails: [{ value: 'kai@example.com', type: null }] }),
    );
    const merges = running.elly.app.get(CandidateMerges, { strict: false });
    const left = { kind: 'ats', id: candidate } as const;
    const done = [];
    for (const id of own)
      done.push(await merges.merge({ workspaceId, left, right: { kind: 'own', id }, actor: { userId: 'ada' } }));
    const [kai, ...others] = await named('Kai');
    expect(others).toEqual([]);
    expect((await request('GET', `/candidates/${kai?.id}`)).body.applications).toHaveLength(3);
    for (const { id } of done) expect((await request('POST', `/ats/merges/${id}/undo`)).status).toBe(200);
    for (const id of [...own, kai?.id])
      expect((await request('GET', `/candidates/${id}`)).body).toMatchObject({ id, applications: [{}] });
  });
});
