import { randomUUID } from 'node:crypto';
import type { Explanation, ImportPreviewReport, RecordProvenance } from '@elly/ats-integration';
import type { ProviderId, SimulatedAccount } from '@elly/ats-sandbox';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PROVIDERS, TroubledElly } from './bad-input/troubled-elly.js';

const MINUTES = 60_000;
const CANDIDATES = 40;
/** What a preview may ask. */
const ALLOWANCE = 20;
const UNKNOWN: Readonly<Record<ProviderId, string>> = { greenhouse: '999999999', lever: randomUUID() };

interface Person {
  readonly application: string;
  readonly candidate: string;
  readonly email: string;
}

describe('what would come in, why something did not, and where values are from', () => {
  let elly: TroubledElly;

  beforeAll(async () => {
    elly = await TroubledElly.start({ SYNC_START_IMPORT: 'after-preview' });
  }, MINUTES);
  afterAll(() => elly.stop());

  describe.each(PROVIDERS)('at %s', (provider) => {
    let account: SimulatedAccount;
    let connection: string;
    let before: ImportPreviewReport;

    const connect = async (candidates: number): Promise<[SimulatedAccount, string]> => {
      const made = elly.account(provider, candidates);
      const { connection: id, message, stuckAt } = await elly.tryConnect(provider, { account: made.id });
      if (id === null) throw new Error(message ?? stuckAt ?? 'The connect came to nothing.');
      return [made, id];
    };
    const below = (path: string): string => `/api/ats/connections/${connection}/${path}`;
    const preview = (): Promise<ImportPreviewReport> => elly.client.get(below('import-preview'));
    const explain = (question: Readonly<Record<string, string>>): Promise<Explanation> =>
      elly.client.get(below(`explain?${new URLSearchParams(question).toString()}`));
    const sync = async (path: string): Promise<string> => {
      const { runId } = await elly.client.send<{ runId: string }>('POST', below(path));
      await elly.client.ended(connection, runId);
      return runId;
    };
    const all = (kind: 'applications' | 'candidates' | 'jobs') => account.records(kind, 0, 10_000);
    /** Visible people with an e-mail address whose only application is for a job that is open, or for one that is not. */
    const people = (openJob: boolean): Person[] => {
      const open = new Set(
        all('jobs')
          .filter(({ status }) => status === 'open' || status === 'published')
          .map(({ id }) => id),
      );
      const applications = all('applications').filter(({ jobId, visible }) => jobId !== null && visible === true);
      return applications.flatMap(({ id, candidateId, jobId }) => {
        const candidate = all('candidates').find((one) => one['id'] === candidateId);
        const [email] = (candidate?.['emails'] ?? []) as string[];
        const only = all('applications').filter((one) => one['candidateId'] === candidateId).length === 1;
        if (email === undefined || candidate?.['visible'] !== true || !only || open.has(jobId) !== openJob) return [];
        return [{ application: String(id), candidate: String(candidateId), email }];
      });
    };
    const person = (openJob: boolean, nth: number): Person => {
      const found = people(openJob)[nth];
      if (found === undefined) throw new Error('The account has nobody of this kind.');
      return found;
    };
    const openJob = (): string => {
      const found = all('jobs').find(
        ({ status, visible }) => (status === 'open' || status === 'published') && visible !== false,
      );
      return String(found?.['id']);
    };
    const newcomer = (email: string): { candidate: string; application: string } => {
      const names = provider === 'lever' ? { name: 'Nell New' } : { first_name: 'Nell', last_name: 'New' };
      const operation = { op: 'create-candidate', job: openJob(), email, ...names };
      const [made] = account.change({ operations: [operation] }).operations;
      const candidate = String(made?.id);
      const application = all('applications').find((one) => one['candidateId'] === candidate);
      return { candidate, application: String(application?.['id']) };
    };

    beforeAll(async () => {
      [account, connection] = await connect(CANDIDATES);
    }, MINUTES);

    it('previews an import without beginning it, within its allowance', async () => {
      const asked = account.requests().total;
      before = await preview();
      expect(account.requests().total - asked).toBeLessThanOrEqual(ALLOWANCE);
      expect(before.requests).toBeLessThanOrEqual(ALLOWANCE);
      expect(await elly.client.runs(connection)).toEqual([]);
      expect((await elly.details(connection)).records).toMatchObject({ jobs: 0, candidates: 0 });
      expect(before.imported).toEqual({ jobs: 0, candidates: 0, applications: 0 });
      expect(before.stages.unconfirmed.length).toBeGreaterThan(0);
      expect(before.cost.seconds.value).toBeGreaterThan(0);
    });

    it(
      'counts what the import then brings',
      async () => {
        await sync('sync-runs/initial');
        const { records } = await elly.details(connection);
        expect({
          jobs: before.jobs.total,
          openJobs: before.jobs.open,
          stages: before.stages.total,
          ...before.people,
        }).toEqual({
          jobs: { value: records.jobs, precision: 'exact' },
          openJobs: { value: records.openJobs, precision: 'exact' },
          stages: { value: records.stages, precision: 'exact' },
          candidates: { value: records.candidates, precision: 'exact' },
          applications: { value: records.applications, precision: 'exact' },
        });
        expect(records.candidates).toBe(account.visible().inScope.candidates);
        const after = await preview();
        expect(after.people).toEqual(before.people);
        expect(after.imported.candidates).toBe(records.candidates);
        expect(after.duplicates.found.value).toBe(0);
      },
      MINUTES,
    );

    it('explains who is here, by e-mail address and by id', async () => {
      const { email, candidate, application } = person(true, 0);
      expect(await explain({ email: ` ${email.toUpperCase()} ` })).toMatchObject({
        reason: 'here',
        remoteId: candidate,
        records: [{ kind: 'candidate' }, { kind: 'application', remoteId: application }],
      });
      expect(await explain({ remoteId: application, kind: 'application' })).toMatchObject({ reason: 'here' });
    });

    it('asks for one of the two, and for a kind that there is', async () => {
      for (const question of [{}, { kind: 'candidate' }, { email: 'a@b.example', remoteId: '1' }, { remoteId: '' }]) {
        await expect(explain(question as Record<string, string>)).rejects.toThrow(/answered 400/);
      }
      await expect(explain({ remoteId: '1', kind: 'planet' })).rejects.toThrow(/answered 400/);
      await expect(explain({ email: 'a@b.example', kind: 'job' })).rejects.toThrow(/answered 400/);
    });

    it('explains whose job is not open', async () => {
      const { email, candidate, application } = person(false, 0);
      const found = await explain({ remoteId: application, kind: 'application' });
      expect(found).toMatchObject({ reason: 'job-not-open', whatToDo: expect.stringMatching(/Open the job/) });
      expect(await explain({ remoteId: candidate })).toMatchObject({ reason: 'job-not-open' });
      expect(await explain({ email })).toMatchObject({ reason: 'never-seen', atsAnswer: 'not-asked' });
    });

    it('explains who applied since, who is in no ATS, and who was brought by the next sync', async () => {
      const { application } = newcomer('nell.new@mail.example');
      expect(await explain({ remoteId: application, kind: 'application' })).toMatchObject({
        reason: 'not-yet-synced',
        atsAnswer: 'there',
        message: expect.stringMatching(/next sync brings it/),
      });
      expect(await explain({ remoteId: UNKNOWN[provider], kind: 'application' })).toMatchObject({
        reason: 'not-in-ats',
        atsAnswer: 'not-there',
      });
      await sync('sync-runs');
      expect(await explain({ email: 'nell.new@mail.example' })).toMatchObject({ reason: 'here' });
    });

    it('explains who is private', async () => {
      const { candidate, application } = newcomer('priva@mail.example');
      const operation =
        provider === 'greenhouse'
          ? { op: 'set-private', candidate, private: true }
          : { op: 'set-confidential', application, confidential: true };
      account.change({ operations: [operation] });
      await sync('sync-runs');
      expect(await explain({ email: 'priva@mail.example' })).toMatchObject({ reason: 'never-seen' });
      expect((await explain({ remoteId: application, kind: 'application' })).reason).toBe(
        provider === 'greenhouse' ? 'not-visible' : 'private',
      );
    });

    it('explains who was deleted', async () => {
      const { candidate, application } = person(true, 1);
      account.change({ operations: [{ op: 'delete-candidate', candidate }] });
      await sync('sync-runs');
      expect(await explain({ remoteId: application, kind: 'application' })).toMatchObject({ reason: 'deleted' });
    });

    it('says which run each value of a candidate is from', async () => {
      const [initial] = (await elly.client.runs(connection)).filter(({ kind }) => kind === 'initial');
      const { candidate } = person(true, 0);
      const set = provider === 'lever' ? { headline: 'Weaver' } : { title: 'Weaver' };
      account.change({ operations: [{ op: 'edit-candidate', candidate, set }] });
      const later = await sync('sync-runs');
      const { values } = await elly.client.get<RecordProvenance>(below(`records/candidate/${candidate}/provenance`));
      const of = (field: string) => values.find((value) => value.field === field);
      expect(of('headline')).toMatchObject({ value: 'Weaver', event: { id: later, runKind: 'resync', first: false } });
      expect(of('name')).toMatchObject({
        source: 'ats',
        sourceName: provider === 'lever' ? 'Lever' : 'Greenhouse',
        event: { kind: 'sync-run', id: initial?.id, runKind: 'initial', first: true },
      });
    });

    it(
      'reckons the people of a large account within the same allowance, near what they are',
      async () => {
        const [large, id] = await connect(4_000);
        const asked = large.requests().total;
        const report = await elly.client.get<ImportPreviewReport>(`/api/ats/connections/${id}/import-preview`);
        expect(large.requests().total - asked).toBeLessThanOrEqual(ALLOWANCE);
        const { inScope, jobs, openJobs } = large.visible();
        expect(report.jobs).toMatchObject({ total: { value: jobs }, open: { value: openJobs } });
        for (const [count, truth] of [
          [report.people.applications, inScope.applications],
          [report.people.candidates, inScope.candidates],
        ] as const) {
          expect(count.precision).toBe('estimate');
          expect(count.value / truth).toBeGreaterThan(0.6);
          expect(count.value / truth).toBeLessThan(1.6);
        }
        await elly.client.send('DELETE', `/api/ats/connections/${id}`);
      },
      MINUTES,
    );

    it('stays within its allowance when the ATS refuses at first', async () => {
      account.faults.add([{ match: {}, fault: { kind: 'status', status: 503 }, times: 3 }]);
      const asked = account.requests().total;
      const { people } = await preview();
      account.faults.clear();
      expect(account.requests().total - asked).toBeLessThanOrEqual(ALLOWANCE);
      expect(people.applications.value).toBeGreaterThan(0);
    });

    it('finds those whom another connection brought, as Elly knows them', async () => {
      const [twin, other] = await connect(CANDIDATES);
      const mine = new Set(all('candidates').flatMap(({ emails }) => emails as string[]));
      const theirs = twin.records('candidates', 0, 10_000).flatMap(({ emails }) => emails as string[]);
      const { duplicates } = await elly.client.get<ImportPreviewReport>(`/api/ats/connections/${other}/import-preview`);
      expect(duplicates.checked).toBeGreaterThan(0);
      const shared = theirs.some((email) => mine.has(email));
      expect(duplicates.found.value > 0).toBe(shared);
      expect(duplicates.candidateIds.length > 0).toBe(shared);
      // Lever's accounts of one seed have the very same people.
      if (provider === 'lever') expect(duplicates.found.value).toBeGreaterThan(1);
      await elly.client.send('DELETE', `/api/ats/connections/${other}`);
    });

    it('explains that nobody is signed in any more, and previews nothing then', async () => {
      elly.sandbox.tokens[provider].revokeGrants(account.id);
      await elly.syncAgain(connection);
      expect(await explain({ remoteId: UNKNOWN[provider] })).toMatchObject({
        reason: 'reconnect-required',
        atsAnswer: 'not-asked',
      });
      await expect(preview()).rejects.toThrow(/409.*not-connected/);
    });
  });
});
