import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApi, type Body } from './testing/test-api.js';
import { visibleByWalking } from './testing/visible-by-walking.js';

const KNOBS = { rateLimit: 'off', baseDate: '2026-06-01T00:00:00Z' } as const;
const LISTS = [
  'jobs',
  'job_interview_stages',
  'applications',
  'application_stages',
  'candidates',
  'attachments',
  'rejection_details',
  'users',
  'job_posts',
] as const;

describe('the lists of the Greenhouse simulator', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start({ candidates: 600, knobs: KNOBS });
  });
  afterAll(async () => api.stop());

  it.each(LISTS)('walks every row of %s exactly once, newest first, and ends without a link', async (resource) => {
    const rows = await api.walk(`/${resource}?per_page=37`);
    const ids = rows.flatMap((row) => (typeof row['id'] === 'number' ? [row['id']] : []));
    expect(ids.length).toBeGreaterThan(8);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
    expect(Math.min(...ids)).toBeGreaterThan(2 ** 32);
    if (resource === 'rejection_details') return;
    const created = rows.flatMap((row) => (typeof row['created_at'] === 'string' ? [row['created_at']] : []));
    expect(created).toEqual(created.toSorted().reverse());
  });

  it('counts what a walk through the API finds', async () => {
    const visible = api.account.visible();
    expect(visible).toEqual(await visibleByWalking(api));
    const counts = api.account.counts();
    expect(counts).toMatchObject({ jobs: visible.jobs + 1, candidates: 600 });
    expect(visible.candidates).toBeLessThan(600);
  });

  it('gives 100 rows by default and no more than 500', async () => {
    expect((await api.get('/candidates')).rows).toHaveLength(100);
    expect((await api.get('/candidates?per_page=500')).rows).toHaveLength(500);
    const refused = await api.get('/candidates?per_page=501');
    expect(refused.status).toBe(422);
    expect(refused.body).toEqual({
      message: 'Unprocessable Content',
      errors: [{ per_page: '`501` number is greater than: 500' }],
    });
    expect((await api.get('/candidates?per_page=0')).status).toBe(422);
  });

  it('takes a cursor alone and refuses it beside anything else', async () => {
    const first = await api.get('/candidates?per_page=5');
    const link = /<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    expect([...new URL(link).searchParams.keys()]).toEqual(['cursor']);
    expect(new URL(link).searchParams.get('cursor')).toMatch(/^[\w-]+$/);
    expect((await api.get(link)).rows).toHaveLength(5);
    const refused = await api.get(`${link}&per_page=5`);
    expect(refused.status).toBe(422);
    expect(refused.body).toEqual({
      message: 'Unprocessable Content',
      errors: ['When passing a cursor, do not include other query params.'],
    });
  });

  it('refuses a cursor that is garbage, another list’s, expired, or said to be so by a fault', async () => {
    const first = await api.get('/candidates?per_page=5');
    const link = /<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    expect((await api.get('/candidates?cursor=abc')).status).toBe(422);
    expect((await api.get('/candidates?cursor=')).status).toBe(422);
    expect((await api.get(link.replace('/candidates', '/applications'))).status).toBe(422);
    api.fault = { kind: 'cursor-expired' };
    expect((await api.get(link)).status).toBe(422);
    expect((await api.get('/candidates?per_page=5')).status).toBe(200);
    api.fault = undefined;
    api.account.setKnobs({ cursorTtlSeconds: 60 });
    expect((await api.get(link)).status).toBe(200);
    api.clock.advance(61);
    expect((await api.get(link)).status).toBe(422);
    api.account.setKnobs({ cursorTtlSeconds: null });
  });

  it('keeps to the filters of the first request on the pages behind it', async () => {
    const all = await api.walk('/applications?per_page=500');
    const rejected = all.filter((row) => row['status'] === 'rejected');
    expect(await api.walk('/applications?status=rejected&per_page=9')).toEqual(rejected);
  });

  it.each<[string, string, (row: Body) => boolean]>([
    ['applications', 'status=active', (row) => row['status'] === 'in_process'],
    ['applications', 'status=converted', (row) => row['status'] === 'converted'],
    ['applications', 'prospect=true', (row) => row['prospect'] === true],
    ['applications', 'stage_name=Phone Screen', (row) => row['stage_name'] === 'Phone Screen'],
    ['jobs', 'status=open', (row) => row['status'] === 'open'],
    ['job_interview_stages', 'active=false', (row) => row['active'] === false],
    ['application_stages', 'current=true', (row) => row['current'] === true],
    ['attachments', 'type=resume', (row) => row['type'] === 'resume'],
    ['users', 'deactivated=true', (row) => row['deactivated'] === true],
  ])('filters %s by %s', async (resource, filter, wanted) => {
    const all = await api.walk(`/${resource}?per_page=500`);
    const found = await api.walk(`/${resource}?per_page=50&${filter}`);
    expect(found.length).toBeGreaterThan(0);
    expect(found.map(withoutLink)).toEqual(all.filter(wanted).map(withoutLink));
  });

  it.each(['applications', 'candidates', 'attachments', 'application_stages', 'rejection_details', 'jobs'])(
    'filters %s by when they were updated',
    async (resource) => {
      const all = await api.walk(`/${resource}?per_page=500`);
      const times = all.flatMap((row) => (typeof row['updated_at'] === 'string' ? [row['updated_at']] : [])).sort();
      const from = times[Math.floor(times.length * 0.4)] ?? '';
      const to = times[Math.floor(times.length * 0.7)] ?? '';
      const found = await api.walk(`/${resource}?per_page=50&updated_at=gte|${from}|lt|${to}`);
      const wanted = all.filter(({ updated_at: at }) => typeof at === 'string' && at >= from && at < to);
      expect(found.filter((row) => row['id'] !== undefined).map(withoutLink)).toEqual(wanted.map(withoutLink));
      expect(wanted.length).toBeGreaterThan(3);
    },
  );

  it.each<[string, string, string]>([
    ['applications', 'candidate_ids', 'candidate_id'],
    ['applications', 'job_ids', 'job_id'],
    ['applications', 'job_interview_stage_ids', 'job_interview_stage_id'],
    ['applications', 'stage_ids', 'stage_id'],
    ['applications', 'ids', 'id'],
    ['application_stages', 'application_ids', 'application_id'],
    ['application_stages', 'job_interview_stage_ids', 'job_interview_stage_id'],
    ['attachments', 'candidate_ids', 'candidate_id'],
    ['attachments', 'application_ids', 'application_id'],
    ['rejection_details', 'application_ids', 'application_id'],
    ['job_interview_stages', 'job_ids', 'job_id'],
    ['candidates', 'ids', 'id'],
  ])('finds %s by %s as a walk does', async (resource, parameter, field) => {
    const all = await api.walk(`/${resource}?per_page=500`);
    const known = [...new Set(all.flatMap((row) => (typeof row[field] === 'number' ? [row[field]] : [])))];
    const asked = known.filter((_, position) => position % 11 === 3).slice(0, 50);
    const found = await api.walk(`/${resource}?per_page=7&${parameter}=${asked.join(',')}`);
    const wanted = all.filter((row) => asked.includes(Number(row[field])));
    expect(wanted.length).toBeGreaterThan(0);
    expect(found.map(withoutLink)).toEqual(wanted.map(withoutLink));
  });

  it.each([
    '/applications?status=in_process',
    '/applications?updated_at=2026-01-01T00:00:00Z',
    '/applications?updated_at=gte|yesterday',
    '/applications?updated_at=after|2026-01-01T00:00:00Z',
    '/applications?updated_after=2026-01-01T00:00:00Z',
    '/applications?created_at=gte|2026-01-01T00:00:00Z&updated_at=gte|2026-01-01T00:00:00Z',
    '/applications?candidate_ids=a,b',
    '/applications?prospect=1',
    '/candidates?page=2',
    '/candidates?fields=first_name,shoe_size',
    '/rejection_details?job_ids=1',
    `/candidates?ids=${Array.from({ length: 51 }, (_, id) => id + 1).join(',')}`,
  ])('refuses %s', async (path) => {
    const refused = await api.get(path);
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ message: 'Unprocessable Content' });
    expect(refused.headers.get('x-ratelimit-limit')).not.toBeNull();
  });

  it('gives only the fields that are asked for', async () => {
    const { rows } = await api.get('/applications?fields=id,candidate_id&per_page=3');
    for (const row of rows) expect(Object.keys(row)).toEqual(['id', 'candidate_id']);
  });

  it('answers 404 for an unknown path even without a token, 401 without one, 403 without the scope or the right', async () => {
    const unknown = await api.get('/candidate', '');
    expect([unknown.status, unknown.body]).toEqual([404, { message: 'Resource not found' }]);
    expect((await api.get('/candidates/50000000004')).status).toBe(404);
    const anonymous = await api.get('/candidates', 'forged');
    expect([anonymous.status, anonymous.body]).toEqual([
      401,
      {
        message: 'Unauthorized',
        errors: ['Token could not be decoded. Please ensure your token is from a trusted source.'],
      },
    ]);
    const narrow = await api.get('/candidates', 'narrow');
    expect([narrow.status, narrow.body]).toEqual([403, { message: 'Forbidden' }]);
    expect((await api.get('/jobs', 'narrow')).status).toBe(200);
    expect((await api.get('/jobs', 'person')).status).toBe(403);
  });

  it('shows private people as a message, or not at all, and none of their files', async () => {
    const stubs = (await api.walk('/candidates?private=true')).map((row) => Object.keys(row));
    expect(stubs.length).toBeGreaterThan(2);
    expect(stubs.every((keys) => keys.join() === 'message')).toBe(true);
    const people = await api.walk('/candidates?per_page=500');
    api.account.setKnobs({ privateStub: false });
    expect(await api.walk('/candidates?per_page=500')).toHaveLength(people.length - stubs.length);
    api.account.setKnobs({ privateStub: true });
    const known = new Set(people.map((row) => row['id']));
    const files = await api.walk('/attachments?per_page=500');
    expect(files.filter((file) => !known.has(file['candidate_id']))).toEqual([]);
    const applications = await api.walk('/applications?per_page=500');
    expect(applications.some((row) => !known.has(row['candidate_id']))).toBe(true);
  });

  it('keeps a confidential job, its stages and its applications to itself', async () => {
    const hidden = api.account.store.jobs.all().find((job) => job.confidential)?.id ?? 0;
    expect(hidden).toBeGreaterThan(0);
    for (const path of [
      `/jobs?ids=${hidden}`,
      `/job_interview_stages?job_ids=${hidden}`,
      `/applications?job_ids=${hidden}`,
    ]) {
      expect((await api.get(path)).rows).toEqual([]);
    }
  });

  it('lists service accounts, default reasons and posts taken down only on request', async () => {
    const users = await api.walk('/users');
    expect(await api.walk('/users?show_service_accounts=true')).toHaveLength(users.length + 1);
    const reasons = await api.walk('/rejection_reasons');
    expect(await api.walk('/rejection_reasons?include_defaults=true')).toHaveLength(reasons.length + 1);
    expect((await api.walk('/job_posts')).every((post) => post['active'] === true)).toBe(true);
    expect((await api.walk('/job_posts?active=false')).length).toBeGreaterThan(0);
  });

  it('knows application stages by application and the job’s stage by another id, and null for both when it is over', async () => {
    for (const row of await api.walk('/applications?per_page=500')) {
      const { stage_id: rowId, job_interview_stage_id: stage, stage_name: name, status, prospect } = row;
      if (status !== 'in_process' || prospect === true) {
        expect([rowId, stage, name]).toEqual([null, null, null]);
      } else {
        expect(rowId).not.toBe(stage);
        expect(name).not.toBeNull();
      }
    }
    api.account.setKnobs({ jobInterviewStageId: false });
    expect((await api.get('/applications?per_page=1')).rows[0]).not.toHaveProperty('job_interview_stage_id');
    api.account.setKnobs({ jobInterviewStageId: true });
  });

  it('keeps fresh rows from lists by updated_at for as long as the knob says', async () => {
    const [change] = api.account.change({ moves: 1 }).operations;
    const since = new Date(api.clock.now().getTime() - 60_000).toISOString();
    const path = `/applications?updated_at=gte|${since}`;
    expect((await api.get(path)).rows.map((row) => String(row['id']))).toEqual([change?.id]);
    api.account.setKnobs({ lateVisibilityMs: 10_000 });
    expect((await api.get(path)).rows).toEqual([]);
    expect((await api.get(`/applications?ids=${change?.id}`)).rows).toHaveLength(1);
    api.clock.advance(11);
    expect((await api.get(path)).rows).toHaveLength(1);
    api.account.setKnobs({ lateVisibilityMs: 0 });
  });
});

describe('the rate limit', () => {
  it('counts requests of an account in fixed windows and says how long to wait', async () => {
    const api = await TestApi.start({ candidates: 20, knobs: { rateLimit: { limit: 3, windowSeconds: 3600 } } });
    const replies = [
      await api.get('/jobs'),
      await api.get('/candidates?per_page=900'),
      await api.get('/jobs', 'person'),
    ];
    expect(replies.map((reply) => reply.status)).toEqual([200, 422, 403]);
    expect(replies.map((reply) => reply.headers.get('x-ratelimit-remaining'))).toEqual(['2', '1', '0']);
    const refused = await api.get('/jobs');
    expect([refused.status, refused.body]).toEqual([429, { message: 'Too Many Requests' }]);
    const reset = Number(refused.headers.get('x-ratelimit-reset'));
    expect(reset % 3600).toBe(0);
    const wait = Number(refused.headers.get('retry-after'));
    expect(Math.abs(reset - api.clock.now().getTime() / 1000 - wait)).toBeLessThan(2);
    expect(api.account.requests()).toMatchObject({ total: 4, status429: 1, byRoute: { 'GET /jobs': 3 } });
    api.clock.advance(wait);
    expect((await api.get('/jobs')).headers.get('x-ratelimit-remaining')).toBe('2');
    const unknown = await api.get('/nothing', '');
    expect(unknown.headers.get('x-ratelimit-limit')).toBe('75');
    await api.stop();
  });
});

describe('attachment links', () => {
  it('lead to a PDF until they expire, and nowhere when they were tampered with', async () => {
    const api = await TestApi.start({ candidates: 50, knobs: KNOBS });
    const { rows } = await api.get('/attachments?type=resume&per_page=1');
    const url = String(rows[0]?.['url']);
    expect(url.startsWith(`${api.origin}/files/greenhouse/`)).toBe(true);
    const file = await fetch(url);
    const text = await file.text();
    expect(file.headers.get('content-type')).toBe('application/pdf');
    expect(file.headers.get('content-length')).toBe(String(text.length));
    expect(text.startsWith('%PDF-1.4')).toBe(true);
    expect(await (await fetch(url)).text()).toBe(text);
    expect((await fetch(url.replace(/expires=\d/, 'expires=9'))).status).toBe(403);
    expect((await fetch(url.slice(0, -1))).status).toBe(403);
    api.clock.advance(7 * 86_400 + 1);
    expect((await fetch(url)).status).toBe(403);
    await api.stop();
  });
});

/** Links are signed anew for every reply. */
function withoutLink(row: Body): Body {
  return { ...row, url: undefined };
}
