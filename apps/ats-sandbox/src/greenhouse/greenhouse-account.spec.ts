import { describe, expect, it } from '@jest/globals';
import { GreenhouseAccount } from './greenhouse-account.js';
import { greenhouseSimulator } from './greenhouse-simulator.js';
import { TestApi } from './testing/test-api.js';
import { SandboxClock } from '../server/sandbox-clock.js';
import { RECORD_KINDS, type AccountOptions } from '../simulator.js';

const BASE = { rateLimit: 'off', baseDate: '2026-06-01T00:00:00Z' } as const;

function account(options: Partial<AccountOptions> = {}): GreenhouseAccount {
  const made = greenhouseSimulator.createAccount(
    'acme',
    { name: 'Acme', seed: 3, candidates: 150, knobs: BASE, ...options },
    new SandboxClock(),
  );
  if (!(made instanceof GreenhouseAccount)) throw new Error('Not a Greenhouse account.');
  return made;
}

describe('a Greenhouse account', () => {
  it('is the same for the same seed and base, and another for another seed', () => {
    const everything = (of: GreenhouseAccount): string =>
      JSON.stringify(RECORD_KINDS.map((kind) => of.records(kind, 0, 1000)));
    expect(everything(account())).toBe(everything(account()));
    expect(everything(account())).not.toBe(everything(account({ seed: 4 })));
    const rows = (of: GreenhouseAccount): string =>
      JSON.stringify([...of.store.candidates.descend(1000)].map((key) => of.store.candidates.at(key)));
    expect(rows(account())).toBe(rows(account()));
  });

  it('begins its history two years before the base and ends it there', () => {
    const { candidates, applications } = account().store;
    const rows = [
      ...[...candidates.descend(1e6)].map((key) => candidates.at(key)),
      ...[...applications.descend(1e6)].map((key) => applications.at(key)),
    ];
    for (const row of rows) {
      if (row === undefined) continue;
      expect(row.created_at >= '2024-05-30').toBe(true);
      expect(row.updated_at >= row.created_at && row.updated_at <= '2026-06-01T00:00:00.000Z').toBe(true);
    }
  });

  it('takes its base from the clock, cut to the hour, when none is given', () => {
    const { baseMs } = account({ knobs: {} }).store.frame;
    expect(baseMs % 3_600_000).toBe(0);
    expect(Date.now() - baseMs).toBeLessThan(2 * 3_600_000);
  });

  it('holds the shares that its description names', () => {
    const { counts, store } = {
      counts: account({ candidates: 3000 }).counts(),
      store: account({ candidates: 3000 }).store,
    };
    expect(counts.jobs).toBe(55);
    expect(counts.openJobs / counts.jobs).toBeGreaterThan(0.4);
    expect(counts.applications / counts.candidates).toBeGreaterThan(1.3);
    expect(counts.applications / counts.candidates).toBeLessThan(1.5);
    const people = Array.from({ length: 3000 }, (_, key) => store.candidates.at(key));
    expect(people.filter((person) => person?.private === true).length / 3000).toBeCloseTo(0.02, 1);
    expect(people.some((person) => person?.email_addresses.length === 0)).toBe(true);
    expect(people.some((person) => (person?.phone_numbers.length ?? 0) > 1)).toBe(true);
    const types = people.flatMap((person) => Object.values(person?.custom_fields ?? {}).map(({ type }) => type));
    expect(new Set(types).size).toBe(8);
    const jobs = Array.from({ length: 55 }, (_, key) => store.stagesOfJob(store.jobs.all()[key]?.id ?? 0));
    expect(
      jobs.every((stages) => stages.length >= 5 && stages.length <= 8 && stages[0]?.name === 'Application Review'),
    ).toBe(true);
    expect(jobs.some((stages) => new Set(stages.map(({ name }) => name)).size < stages.length)).toBe(true);
    expect(jobs.flat().some((stage) => !stage.active)).toBe(true);
  });

  it('lets nobody apply before the job was opened or after it was closed', () => {
    const { store } = account({ candidates: 2000 });
    for (const key of store.applications.descend(1e7)) {
      const row = store.applications.at(key);
      const job = row?.job_id == null ? undefined : store.jobs.byId(row.job_id);
      if (row === undefined || job === undefined) continue;
      expect(job.opened_at !== null && job.opened_at <= row.created_at).toBe(true);
      expect(job.closed_at === null || job.closed_at > row.created_at).toBe(true);
    }
  });

  it('gives its records page by page as at once', () => {
    const made = account();
    for (const kind of RECORD_KINDS) {
      const all = made.records(kind, 0, 10_000);
      const pages = Array.from({ length: Math.ceil(all.length / 7) }, (_, page) =>
        made.records(kind, page * 7, 7),
      ).flat();
      expect(pages).toEqual(all);
      expect(made.records(kind, 3, 2)).toEqual(all.slice(3, 5));
    }
    expect(made.records('applications', 0, 10_000)).toHaveLength(made.counts().applications);
    expect(made.records('resumes', 0, 10_000)).toHaveLength(made.counts().resumes);
  });

  it('holds a million people without holding any of them', async () => {
    const api = await TestApi.start({ candidates: 1_000_000, knobs: BASE });
    const first = await api.get('/candidates?per_page=2');
    expect(first.rows).toHaveLength(2);
    const middle = 50_000_000_000 + 500_000 * 100 + 4;
    const { rows } = await api.get(`/applications?candidate_ids=${middle}`);
    expect(rows.length).toBeGreaterThan(0);
    expect((await api.get(`/candidates?ids=${middle}`)).rows).toHaveLength(1);
    expect((await api.get('/applications?updated_at=gte|2026-05-31T23:00:00Z&per_page=5')).rows).toHaveLength(5);
    await api.stop();
  });

  it('is without people when it should be', async () => {
    const api = await TestApi.start({ candidates: 0, knobs: BASE });
    for (const resource of ['candidates', 'applications', 'attachments', 'application_stages']) {
      expect((await api.get(`/${resource}`)).rows).toEqual([]);
    }
    expect(api.account.visible()).toMatchObject({ candidates: 0, applications: 0, jobs: 4 });
    await api.stop();
  });

  it('refuses knobs that it does not have, or not with such a value, in a sentence', () => {
    const made = account();
    expect(() => made.setKnobs({ gravity: 1 })).toThrow('Greenhouse has no knob "gravity"');
    expect(() => made.setKnobs({ cursorTtlSeconds: -1 })).toThrow('cursorTtlSeconds');
    expect(() => made.setKnobs({ baseDate: '2020-01-01T00:00:00Z' })).toThrow('when it is made');
    made.setKnobs({ cursorTtlSeconds: 5 });
    expect(made.knobs()).toMatchObject({ cursorTtlSeconds: 5, rateLimit: 'off', jobInterviewStageId: true });
  });

  it('has a Site Admin service account first among its users', () => {
    const [service, ...others] = account().users();
    expect(service).toMatchObject({ admin: true, email: '' });
    expect(others.some((user) => user.admin)).toBe(true);
    expect(others.some((user) => !user.admin)).toBe(true);
  });
});
