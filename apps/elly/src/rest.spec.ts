import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MikroORM } from '@mikro-orm/postgresql';
import { EllyHiringPipeline } from './ats-ports/elly-hiring-pipeline.js';
import { ActivityEventPublisher } from './ats-ports/activity-event-publisher.js';
import { WorkspacePlanLimits } from './ats-ports/workspace-plan-limits.js';
import { FolderFileStore } from './files/folder-file-store.js';
import { User } from './session/user.entity.js';
import type { RunningElly } from './testing/running-elly.js';
import { ADA, RAE, runElly } from './testing/running-elly.js';
import { addWorkspace } from './testing/test-orm.js';

const STRANGER = 'eve@other.example';

describe('the REST of Elly', () => {
  let running: RunningElly;
  let orm: MikroORM;
  const request: RunningElly['request'] = (...call) => running.request(...call);
  const as = (user: string) => ({ 'x-elly-user': user });

  beforeAll(async () => {
    running = await runElly({ GREENHOUSE_CLIENT_ID: 'client', GREENHOUSE_CLIENT_SECRET: 'secret' });
    orm = running.elly.app.get(MikroORM);
    const { workspaceId } = await addWorkspace(orm, 'free');
    await orm.em
      .fork()
      .persist(new User({ workspaceId, name: 'Eve', email: STRANGER, role: 'admin' }))
      .flush();
  });
  afterAll(() => running.stop());

  /** The library's own row of an imported application, whose connection was ended. */
  const knownToLibrary = async (workspaceId: string, atsRecordId: string): Promise<void> => {
    const run = (sql: string, values: unknown[]) => orm.em.fork().getConnection().execute(sql, values, 'run');
    const connection = randomUUID();
    await run(
      `insert into ats.connections (id, workspace_id, provider, status, sealed_credentials, created_by, created_at)
       values (?, ?, 'greenhouse', 'disconnected', null, 'ada', now())`,
      [connection, workspaceId],
    );
    await run(
      `insert into ats.applications (id, connection_id, remote_id, hash, version, candidate_remote_id, status, custom_fields)
       values (?, ?, 'a1', 'h', 1, 'c1', 'active', '{}')`,
      [atsRecordId, connection],
    );
  };
  const importOne = async (
    over: { readonly title?: string; readonly name?: string; readonly reference?: string } = {},
  ) => {
    const { workspaceId } = (await request('GET', '/session')).body as { workspaceId: string };
    const pipeline = running.elly.app.get(EllyHiringPipeline, { strict: false });
    const [, applied] = await pipeline.stages(workspaceId);
    const ids = { job: randomUUID(), candidate: randomUUID(), application: randomUUID() };
    const common = { remoteId: randomUUID(), updatedAt: null, customFields: {}, url: null, location: null };
    await orm.em.fork().transactional((em) =>
      pipeline.apply(
        {
          workspaceId,
          connectionId: randomUUID(),
          provider: { id: 'greenhouse', name: 'Greenhouse' },
          jobs: [
            {
              id: ids.job,
              created: true,
              record: {
                ...common,
                kind: 'job',
                title: over.title ?? 'Imported job',
                descriptionHtml: null,
                status: 'open',
                remoteStatus: 'open',
                department: null,
                confidential: false,
                openedAt: null,
                closedAt: null,
              },
            },
          ],
          candidates: [
            {
              id: ids.candidate,
              created: true,
              record: {
                ...common,
                kind: 'candidate',
                name: over.name ?? 'Imported Person',
                firstName: null,
                lastName: null,
                emails: [{ value: 'imported_50%@example.com', type: null }],
                phones: [],
                headline: null,
                company: null,
                links: [],
                tags: [],
                anonymised: false,
              },
            },
          ],
          applications: [
            {
              id: ids.application,
              created: true,
              candidateId: ids.candidate,
              jobId: ids.job,
              placement: { stageId: applied?.id ?? '', how: 'nearest' },
              correction: null,
              record: {
                ...common,
                kind: 'application',
                candidateRemoteId: 'c',
                jobRemoteId: 'j',
                stageRemoteId: null,
                stageName: null,
                status: 'active',
                statusReason: null,
                appliedAt: null,
                stageChangedAt: null,
                source: null,
                ownerRemoteId: null,
              },
            },
          ],
          resumes:
            over.reference === undefined
              ? []
              : [
                  {
                    candidateId: ids.candidate,
                    filename: 'Ré "su" mé.pdf',
                    contentType: 'application/pdf',
                    size: 4,
                    reference: over.reference,
                  },
                ],
          gone: [],
        },
        em,
      ),
    );
    const jobs = (await request('GET', '/jobs?source=ats&limit=200')).body.items as {
      id: string;
      source: { atsRecordId: string };
    }[];
    const candidates = (await request('GET', '/candidates?source=ats&limit=200')).body.items as typeof jobs;
    const find = (list: typeof jobs, id: string) => list.find(({ source }) => source.atsRecordId === id)?.id ?? '';
    return { workspaceId, jobId: find(jobs, ids.job), candidateId: find(candidates, ids.candidate) };
  };

  describe('signing in', () => {
    it('answers 401 with a problem document when nobody is signed in', async () => {
      const answer = await request('GET', '/jobs', undefined, {});
      expect(answer).toMatchObject({
        status: 401,
        type: 'application/problem+json',
        body: { status: 401, type: 'urn:elly:problem:not-signed-in', detail: 'Sign in to Elly first.' },
      });
    });

    it('signs in by cookie, and refuses one that was altered', async () => {
      const signedIn = await request('POST', '/session', { user: RAE }, {});
      const cookie = signedIn.headers.get('set-cookie') ?? '';
      expect(cookie).toMatch(/^elly_session=[^;]+; Max-Age=43200; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/);
      const value = cookie.split(';')[0] ?? '';
      expect((await request('GET', '/session', undefined, { cookie: `other=1; ${value}` })).body).toMatchObject({
        email: RAE,
      });
      const ada = (await request('GET', '/session')).body as { userId: string };
      const forged = value.replace(/=[^.]+/, `=${ada.userId}`);
      expect((await request('GET', '/session', undefined, { cookie: forged })).status).toBe(401);
    });

    it('refuses an unknown user', async () => {
      expect((await request('POST', '/session', { user: 'nobody@acme.example' }, {})).status).toBe(401);
      expect((await request('GET', '/session', undefined, as("' or 1=1 --"))).status).toBe(401);
    });
  });

  describe('the workspace', () => {
    it('shows plan, limit and credits, and lets an admin switch the plan', async () => {
      expect((await request('GET', '/workspace')).body).toMatchObject({
        name: 'Acme',
        plan: { id: 'starter', name: 'Starter', connections: 1 },
        credits: 5,
      });
      const put = await request('PUT', '/workspace/plan', { plan: 'enterprise' });
      expect(put.body.plan).toEqual({ id: 'enterprise', name: 'Enterprise', connections: 'unlimited' });
      const limits = running.elly.app.get(WorkspacePlanLimits, { strict: false });
      expect(await limits.of(put.body.id as string)).toEqual({ plan: 'Enterprise', connections: 'unlimited' });
    });

    it('does not let a recruiter switch the plan', async () => {
      expect(await request('PUT', '/workspace/plan', { plan: 'free' }, as(RAE))).toMatchObject({
        status: 403,
        body: { detail: 'Only an admin of the workspace may do this.' },
      });
    });

    it.each([
      ['POST', ''],
      ['DELETE', '/00000000-0000-4000-8000-000000000000'],
      ['POST', '/00000000-0000-4000-8000-000000000000/sync-runs'],
      ['POST', '/00000000-0000-4000-8000-000000000000/sync-runs/incremental'],
      ['PUT', '/00000000-0000-4000-8000-000000000000/stage-mappings'],
    ])('lets a recruiter look at connections, not change them: %s /ats/connections%s', async (method, path) => {
      const answer = await request(method, `/ats/connections${path}`, {}, as(RAE));
      expect(answer).toMatchObject({ status: 403, body: { detail: 'Only an admin of the workspace may do this.' } });
      expect((await request(method, `/ats/connections${path}`, {}, as(ADA))).status).not.toBe(403);
      expect((await request('GET', '/ats/connections', undefined, as(RAE))).status).toBe(200);
    });

    it("disconnects a workspace's own connection and nobody else's (ASVS 8.2.2)", async () => {
      const em = running.elly.app.get(MikroORM).em.fork();
      const { id: workspaceId } = (await request('GET', '/workspace')).body as { id: string };
      const insert = (id: string, workspace: string) =>
        em.execute(
          `insert into ats.connections (id, workspace_id, provider, status, sealed_credentials, created_by, created_at)
           values (?, ?, 'any', 'reconnect_required', 'sealed', 'u', now())`,
          [id, workspace],
        );
      const [own, foreign] = [randomUUID(), randomUUID()];
      await insert(own, workspaceId);
      await insert(foreign, 'globex');
      for (let count = 0; count < 2; count += 1)
        expect((await request('DELETE', `/ats/connections/${own}`)).status).toBe(204);
      expect(await request('DELETE', `/ats/connections/${foreign}`)).toMatchObject({
        status: 404,
        type: 'application/problem+json',
        body: { type: 'urn:elly:ats:not-found' },
      });
      const rows = await em.execute<{ id: string; status: string }[]>(
        `select id, status from ats.connections where id in (?, ?)`,
        [own, foreign],
      );
      expect(Object.fromEntries(rows.map(({ id, status }) => [id, status]))).toEqual({
        [own]: 'disconnected',
        [foreign]: 'reconnect_required',
      });
    });

    it('sells credits and shows the ledger page by page', async () => {
      for (const credits of [1, 2, 3])
        expect((await request('POST', '/workspace/credits', { credits })).status).toBe(201);
      const first = (await request('GET', '/workspace/credits?limit=3')).body;
      const second = (await request('GET', `/workspace/credits?limit=3&cursor=${first.next as string}`)).body;
      expect(first.balance).toBe(11);
      expect([...first.entries, ...second.entries].map((entry: { credits: number }) => entry.credits)).toEqual([
        3, 2, 1, 5,
      ]);
      expect(second.next).toBeNull();
    });
  });

  describe('jobs', () => {
    it('keeps jobs made by hand beside imported ones, newest first, in pages', async () => {
      await importOne({ title: 'From Greenhouse' });
      const created = await request('POST', '/jobs', { title: '  By hand  ', location: 'Paris' });
      expect(created).toMatchObject({
        status: 201,
        body: { title: 'By hand', status: 'open', source: { kind: 'manual', provider: null }, readOnlyFields: [] },
      });
      const titles: string[] = [];
      let cursor = '';
      do {
        const page = (await request('GET', `/jobs?limit=2${cursor && `&cursor=${cursor}`}`)).body as {
          items: { title: string }[];
          next: string | null;
        };
        titles.push(...page.items.map((item) => item.title));
        cursor = page.next ?? '';
      } while (cursor !== '');
      expect(titles.length).toBe(new Set(titles).size);
      expect(titles).toEqual(
        expect.arrayContaining(['By hand', 'From Greenhouse', 'Backend Engineer', 'Office Manager']),
      );
      const manual = (await request('GET', '/jobs?source=manual')).body.items as { title: string }[];
      expect(manual.map(({ title }) => title)).not.toContain('From Greenhouse');
      expect((await request('GET', '/jobs?status=closed')).body.items).toMatchObject([{ title: 'Office Manager' }]);
    });

    it('changes a job made by hand', async () => {
      const { body } = await request('POST', '/jobs', { title: 'Draft', description: '<p>x</p>' });
      const patched = await request('PATCH', `/jobs/${body.id as string}`, {
        title: 'Final',
        description: null,
        status: 'draft',
      });
      expect(patched.body).toMatchObject({ title: 'Final', description: null, status: 'draft' });
      expect((await request('GET', `/jobs/${body.id as string}`)).body).toMatchObject({ title: 'Final' });
    });

    it('refuses to change an imported job and names the field and the ATS', async () => {
      const { jobId } = await importOne();
      const answer = await request('PATCH', `/jobs/${jobId}`, { title: 'Mine' });
      expect(answer).toMatchObject({
        status: 409,
        type: 'application/problem+json',
        body: {
          type: 'urn:elly:problem:read-only-field',
          fields: ['title'],
          ats: { provider: 'greenhouse', name: 'Greenhouse' },
          detail:
            'title of this job comes from Greenhouse and cannot be changed in Elly. Change it in Greenhouse: the next sync brings it here.',
        },
      });
      expect((await request('GET', `/jobs/${jobId}`)).body).toMatchObject({
        title: 'Imported job',
        readOnlyFields: expect.arrayContaining(['title']),
      });
    });
  });

  describe('candidates', () => {
    it('finds people by a part of their name or e-mail address, taking no character for a wildcard', async () => {
      await importOne({ name: 'Wild_Card 100%' });
      const search = async (text: string) =>
        ((await request('GET', `/candidates?search=${encodeURIComponent(text)}`)).body.items as { name: string }[]).map(
          ({ name }) => name,
        );
      expect(await search('hADdad')).toEqual(['Noor Haddad']);
      expect(await search('imani.okafor@')).toEqual(['Imani Okafor']);
      expect(await search('100%')).toEqual(['Wild_Card 100%']);
      expect(await search('Noor_Haddad')).toEqual([]);
      expect(await search("o'; drop table elly.jobs; --")).toEqual([]);
    });

    it('puts a candidate made by hand into the pipeline of a job', async () => {
      const job = (await request('POST', '/jobs', { title: 'Pilot' })).body as { id: string };
      const created = await request('POST', '/candidates', {
        name: 'Amelia',
        emails: ['amelia@example.com'],
        jobId: job.id,
      });
      const profile = (await request('GET', `/candidates/${created.body.id as string}`)).body;
      expect(profile).toMatchObject({
        name: 'Amelia',
        resume: null,
        applications: [{ job: { title: 'Pilot' }, stage: { name: 'Applied' }, status: 'active', source: 'manual' }],
      });
    });

    it('shows the custom fields that the library keeps of an imported person', async () => {
      const { candidateId, workspaceId } = await importOne({ name: 'Fielded' });
      const { source } = (await request('GET', `/candidates/${candidateId}`)).body as {
        source: { connectionId: string; atsRecordId: string };
      };
      const customFields = { salary: { name: 'Salary', type: 'number', value: 1 } };
      const em = orm.em.fork();
      await em.execute(
        `insert into ats.connections (id, workspace_id, provider, status, created_by, created_at)
         values (?, ?, 'greenhouse', 'authorizing', 'test', now())`,
        [source.connectionId, workspaceId],
      );
      await em.execute(
        `insert into ats.candidates (id, connection_id, remote_id, hash, version, name, emails, phones, links, tags, anonymised, custom_fields)
         values (?, ?, '1', 'none', 0, 'Fielded', '[]', '[]', '[]', '[]', false, ?)`,
        [source.atsRecordId, source.connectionId, JSON.stringify(customFields)],
      );
      expect((await request('GET', `/candidates/${candidateId}`)).body).toMatchObject({ customFields });
    });

    it('streams a résumé as a download that no browser opens in our name', async () => {
      const files = running.elly.app.get(FolderFileStore, { strict: false });
      const { reference } = await files.put({
        key: 'k',
        filename: 'x',
        contentType: 'application/pdf',
        stream: Readable.from(['%PDF']),
      });
      const { candidateId } = await importOne({ reference });
      const profile = (await request('GET', `/candidates/${candidateId}`)).body;
      expect(profile.resume).toMatchObject({
        filename: 'Ré "su" mé.pdf',
        href: `/api/candidates/${candidateId}/resume`,
      });
      const answer = await request('GET', `/candidates/${candidateId}/resume`);
      expect(answer).toMatchObject({ status: 200, type: 'application/pdf', body: '%PDF' });
      expect(answer.headers.get('content-disposition')).toBe(
        "attachment; filename*=UTF-8''R%C3%A9%20%22su%22%20m%C3%A9.pdf",
      );
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      await files.remove(reference);
      expect(await request('GET', `/candidates/${candidateId}/resume`)).toMatchObject({
        status: 404,
        type: 'application/problem+json',
      });
    });
  });

  describe('the pipeline', () => {
    it("shows a job's board stage by stage and pages through one stage", async () => {
      const job = (await request('POST', '/jobs', { title: 'Crowded' })).body as { id: string };
      for (const name of ['A', 'B', 'C']) await request('POST', '/candidates', { name, jobId: job.id });
      const board = (await request('GET', `/jobs/${job.id}/pipeline?limit=2`)).body as {
        stages: { id: string; name: string; next: string }[];
      };
      const applied = board.stages.find((stage) => stage.name === 'Applied');
      expect(applied).toMatchObject({ total: 3, applications: [{ candidateName: 'C' }, { candidateName: 'B' }] });
      const rest = (
        await request(
          'GET',
          `/jobs/${job.id}/pipeline?limit=2&stageId=${applied?.id ?? ''}&cursor=${applied?.next ?? ''}`,
        )
      ).body;
      expect(rest.stages).toMatchObject([
        { name: 'Applied', total: 3, applications: [{ candidateName: 'A' }], next: null },
      ]);
      expect((await request('GET', `/jobs/${job.id}/pipeline?cursor=${randomUUID()}`)).status).toBe(400);
    });

    it('counts applications by stage', async () => {
      const before = (await request('GET', '/pipeline')).body;
      await importOne();
      const after = (await request('GET', '/pipeline')).body;
      const applied = (summary: { stages: { name: string; applications: number; imported: number }[] }) =>
        summary.stages.find(({ name }) => name === 'Applied');
      expect(after.total).toBe((before.total as number) + 1);
      expect(applied(after)?.imported).toBe((applied(before)?.imported ?? 0) + 1);
    });

    it('moves an application made by hand, and leaves an imported one where it is when its ATS cannot be told', async () => {
      const stages = (await request('GET', '/stages')).body.items as { id: string; name: string }[];
      const offer = stages.find(({ name }) => name === 'Offer')?.id;
      const applicationOf = async (candidateId: string) =>
        (await request('GET', `/candidates/${candidateId}`)).body.applications[0] as {
          id: string;
          atsRecordId: string;
          stage: { name: string };
        };
      const job = (await request('POST', '/jobs', { title: 'Movable' })).body as { id: string };
      const byHand = (await request('POST', '/candidates', { name: 'Mo', jobId: job.id })).body as { id: string };
      expect(
        (await request('PATCH', `/applications/${(await applicationOf(byHand.id)).id}`, { stageId: offer })).status,
      ).toBe(204);
      expect((await applicationOf(byHand.id)).stage.name).toBe('Offer');
      const { candidateId, workspaceId } = await importOne();
      const imported = await applicationOf(candidateId);
      await knownToLibrary(workspaceId, imported.atsRecordId);
      expect(await request('PATCH', `/applications/${imported.id}`, { stageId: offer })).toMatchObject({
        status: 409,
        body: { type: 'urn:elly:ats:not-connected' },
      });
      expect((await applicationOf(candidateId)).stage.name).toBe(imported.stage.name);
    });

    it('adds, renames and reorders stages', async () => {
      expect(await request('POST', '/stages', { name: 'OFFER', kind: 'offer' })).toMatchObject({
        status: 409,
        body: { type: 'urn:elly:problem:already-exists' },
      });
      const added = (await request('POST', '/stages', { name: 'Onsite', kind: 'interview' })).body as { id: string };
      expect((await request('PATCH', `/stages/${added.id}`, { name: 'On site' })).body).toMatchObject({
        name: 'On site',
        position: 7,
      });
      const ids = ((await request('GET', '/stages')).body.items as { id: string }[]).map(({ id }) => id);
      const reordered = [added.id, ...ids.filter((id) => id !== added.id)];
      expect(
        ((await request('PUT', '/stages/order', { ids: reordered })).body.items as { id: string }[]).map(
          ({ id }) => id,
        ),
      ).toEqual(reordered);
      expect((await request('PUT', '/stages/order', { ids: ids.slice(1) })).status).toBe(409);
      expect((await request('PUT', '/stages/order', { ids }, as(RAE))).status).toBe(403);
    });
  });

  describe('editing a candidate', () => {
    /** The library's own row of an imported candidate, whose connection waits for a sign-in: nothing is sent. */
    const knownCandidate = async (candidateId: string, settings: object = {}): Promise<string> => {
      const run = (sql: string, values: unknown[]) => orm.em.fork().getConnection().execute(sql, values, 'run');
      const { workspaceId } = (await request('GET', '/session')).body as { workspaceId: string };
      const { source } = (await request('GET', `/candidates/${candidateId}`)).body as {
        source: { atsRecordId: string };
      };
      const connection = randomUUID();
      await run(
        `insert into ats.connections (id, workspace_id, provider, status, sealed_credentials, settings, created_by, created_at)
         values (?, ?, 'greenhouse', 'reconnect_required', 'sealed', ?::jsonb, 'ada', now())`,
        [connection, workspaceId, JSON.stringify(settings)],
      );
      await run(
        `insert into ats.candidates (id, connection_id, remote_id, hash, version, name, emails, phones, links, tags, anonymised, custom_fields)
         values (?, ?, 'c1', 'h', 1, 'Zoe', '[{"value":"zoe@example.com","type":"work"}]', '[]', '[]', '[]', false,
           '{"pronouns":{"name":"Pronouns","type":"short_text","value":null}}')`,
        [source.atsRecordId, connection],
      );
      return connection;
    };

    it('changes one that was made by hand at once', async () => {
      const { id } = (await request('POST', '/candidates', { name: 'Kim', emails: ['kim@example.com'] })).body as {
        id: string;
      };
      const edited = await request('PATCH', `/candidates/${id}`, { name: 'Kim Oak', phones: ['1'], headline: 'Smith' });
      expect(edited).toMatchObject({
        status: 200,
        body: { name: 'Kim Oak', phones: ['1'], headline: 'Smith', emails: ['kim@example.com'] },
      });
      expect(await request('PATCH', `/candidates/${id}`, { customFields: { a: 1 } })).toMatchObject({ status: 400 });
      expect((await request('PATCH', `/candidates/${id}`, {})).status).toBe(400);
    });

    it('refuses a field that comes from the ATS, by name and ATS, and changes nothing at all', async () => {
      const { candidateId } = await importOne();
      const connection = await knownCandidate(candidateId, { fields: { candidate: { company: 'read-only' } } });
      const before = (await request('GET', `/candidates/${candidateId}`)).body as object;
      for (const [field, value, label] of [
        ['name', 'Somebody else', 'Name'],
        ['company', 'Acme', 'Company'],
      ] as const) {
        expect(
          await request('PATCH', `/candidates/${candidateId}`, { headline: 'Smith', [field]: value }),
        ).toMatchObject({
          status: 409,
          type: 'application/problem+json',
          body: {
            type: 'urn:elly:ats:read-only-field',
            detail: expect.stringMatching(new RegExp(`^"${label}" of this candidate comes from Greenhouse`)),
            fields: [field],
            provider: 'greenhouse',
          },
        });
      }
      expect((await request('GET', `/candidates/${candidateId}`)).body).toEqual(before);
      expect((await request('GET', `/ats/connections/${connection}/field-changes`)).body).toEqual([]);
    });

    it('edits an imported one here at once, and asks for the same in its ATS', async () => {
      const { candidateId } = await importOne();
      const connection = await knownCandidate(candidateId);
      const body = { headline: 'Smith', emails: ['new@example.com'], customFields: { pronouns: 'they/them' } };
      expect(await request('PATCH', `/candidates/${candidateId}`, body)).toMatchObject({
        status: 200,
        body: { headline: 'Smith', emails: ['new@example.com'], correction: null },
      });
      expect((await request('GET', `/ats/connections/${connection}/field-changes`)).body).toMatchObject([
        {
          status: 'pending',
          fields: [{ field: 'customFields.pronouns', status: 'open' }, { field: 'emails' }, { field: 'headline' }],
        },
      ]);
      const values = await orm.em
        .fork()
        .getConnection()
        .execute<{ field: string; wanted: unknown }[]>(
          `select v.field, v.wanted from ats.field_change_values v join ats.field_changes s on s.id = v.change_id where s.connection_id = ? order by 1`,
          [connection],
        );
      expect(values.map(({ wanted }) => wanted)).toEqual([
        'they/them',
        [{ value: 'new@example.com', type: null }],
        'Smith',
      ]);
      // Nothing new is nothing to send.
      await request('PATCH', `/candidates/${candidateId}`, { headline: 'Smith' });
      expect((await request('GET', `/ats/connections/${connection}/field-changes`)).body).toHaveLength(1);
    });
  });

  it("answers 404 for another workspace's ids on every route, and lists none of its rows", async () => {
    const { jobId, candidateId } = await importOne();
    const stageId = ((await request('GET', '/stages')).body.items as { id: string }[])[0]?.id ?? '';
    const applicationId = ((await request('GET', `/candidates/${candidateId}`)).body.applications[0] as { id: string })
      .id;
    const own = ((await request('GET', '/stages', undefined, as(STRANGER))).body.items as { id: string }[])[0]?.id;
    const forbidden = [
      ['GET', `/jobs/${jobId}`],
      ['PATCH', `/jobs/${jobId}`, { title: 'x' }],
      ['GET', `/jobs/${jobId}/pipeline`],
      ['GET', `/candidates/${candidateId}`],
      ['GET', `/candidates/${candidateId}/resume`],
      ['PATCH', `/candidates/${candidateId}`, { headline: 'x' }],
      ['POST', '/candidates', { name: 'x', jobId }],
      ['PATCH', `/stages/${stageId}`, { name: 'x' }],
      ['PATCH', `/applications/${applicationId}`, { stageId: own }],
    ] as const;
    for (const [method, path, body] of forbidden) {
      expect([method, path, (await request(method, path, body, as(STRANGER))).status]).toEqual([method, path, 404]);
    }
    for (const path of ['/jobs', '/candidates', '/activity'])
      expect((await request('GET', path, undefined, as(STRANGER))).body.items).toEqual([]);
    expect((await request('GET', '/pipeline', undefined, as(STRANGER))).body).toMatchObject({ total: 0 });
  });

  it('shows what the integrations did, each event once, newest first', async () => {
    const { workspaceId } = (await request('GET', '/session')).body as { workspaceId: string };
    const publisher = running.elly.app.get(ActivityEventPublisher, { strict: false });
    const event = { workspaceId, connectionId: randomUUID(), provider: 'lever', occurredAt: new Date() };
    const events = [
      { ...event, id: 'e1', body: { type: 'connection.activated' as const } },
      {
        ...event,
        id: 'e2',
        body: {
          type: 'records.changed' as const,
          runId: 'r',
          kind: 'candidate' as const,
          created: ['a', 'b'],
          updated: [],
          own: [],
        },
      },
    ];
    await publisher.publish(events);
    await publisher.publish(events);
    const items = (await request('GET', '/activity')).body.items;
    expect(items).toMatchObject([
      { id: 'e2', type: 'records.changed', details: { kind: 'candidate', created: 2, updated: 0 } },
      { id: 'e1', type: 'connection.activated' },
    ]);
  });

  describe('problem documents', () => {
    it.each([
      ['a body that is not JSON', 'POST', '/jobs', '{"title":', 400],
      ['a field too many', 'POST', '/jobs', { title: 'x', source: 'ats' }, 400],
      ['an id that is none', 'GET', '/jobs/42', undefined, 400],
      ['a limit out of range', 'GET', '/jobs?limit=1000', undefined, 400],
      ['an empty change', 'PATCH', '/jobs/00000000-0000-4000-8000-000000000000', {}, 400],
      ['a route that does not exist', 'GET', '/nowhere', undefined, 404],
      ['a body that is too large', 'POST', '/jobs', { title: 'x', description: 'y'.repeat(300_000) }, 413],
    ])('says what is wrong with %s', async (_what, method, path, body, status) => {
      const answer = await request(method, path, body);
      expect(answer).toMatchObject({
        status,
        type: 'application/problem+json',
        body: { status, title: expect.any(String), type: expect.any(String), detail: expect.any(String) },
      });
      expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|at .*\.js/);
    });

    it('names where a body is wrong', async () => {
      const answer = await request('POST', '/candidates', { name: '', emails: ['not an address'] });
      expect((answer.body.errors as { path: string }[]).map(({ path }) => path).sort()).toEqual(['/emails/0', '/name']);
    });
  });

  it('describes itself in OpenAPI', async () => {
    const document = (await request('GET', '/docs-json')).body;
    expect(Object.keys(document.paths as object)).toEqual(
      expect.arrayContaining([
        '/api/jobs',
        '/api/jobs/{id}/pipeline',
        '/api/candidates/{id}/resume',
        '/api/workspace/plan',
      ]),
    );
    expect(document.paths['/api/jobs'].post.requestBody.content['application/json'].schema.required).toEqual(['title']);
    expect((await request('GET', '/docs')).status).toBe(200);
  });

  it('knows its user by e-mail address, whatever the case', async () => {
    expect((await request('GET', '/session', undefined, as(ADA.toUpperCase()))).status).toBe(200);
  });
});
