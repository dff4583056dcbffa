import { afterEach, describe, expect, it } from '@jest/globals';
import { closeSandboxes, postingOf, sandbox } from './testing/api-sandbox.js';

afterEach(closeSandboxes);

const OPPORTUNITY_KEYS = [
  'id',
  'name',
  'contact',
  'headline',
  'stage',
  'confidentiality',
  'location',
  'phones',
  'emails',
  'links',
  'archived',
  'tags',
  'sources',
  'stageChanges',
  'origin',
  'sourcedBy',
  'owner',
  'followers',
  'applications',
  'createdAt',
  'updatedAt',
  'lastInteractionAt',
  'lastAdvancedAt',
  'snoozedUntil',
  'urls',
  'isAnonymized',
  'dataProtection',
  'opportunityLocation',
];
const APPLICATION_KEYS = [
  'id',
  'type',
  'candidateId',
  'opportunityId',
  'posting',
  'postingHiringManager',
  'postingOwner',
  'name',
  'company',
  'phone',
  'email',
  'links',
  'comments',
  'user',
  'customQuestions',
  'createdAt',
  'archived',
  'requisitionForHire',
  'ipAddress',
  'referer',
  'userAgent',
  'acceptLanguage',
  'timezone',
];
const POSTING_KEYS = [
  'id',
  'text',
  'state',
  'distributionChannels',
  'user',
  'owner',
  'hiringManager',
  'categories',
  'tags',
  'content',
  'country',
  'followers',
  'reqCode',
  'requisitionCodes',
  'urls',
  'confidentiality',
  'createdAt',
  'updatedAt',
  'workplaceType',
  'transcribeInterviews',
  'screening',
];
const USER_KEYS = [
  'id',
  'name',
  'username',
  'email',
  'accessRole',
  'photo',
  'createdAt',
  'deactivatedAt',
  'externalDirectoryId',
  'linkedContactIds',
  'jobTitle',
  'managerId',
];
const CONTACT_KEYS = ['id', 'name', 'headline', 'isAnonymized', 'location', 'emails', 'phones', 'dataProtection'];

describe('shapes', () => {
  it('have exactly the keys that the vendor answers with', async () => {
    const { get, one, walk } = await sandbox();
    const rows = await walk('/opportunities');
    const applied = rows.find(({ applications }) => applications.length > 0);
    const lead = rows.find(({ applications }) => applications.length === 0);
    expect(Object.keys(applied ?? {})).toEqual(OPPORTUNITY_KEYS);
    expect(Object.keys(lead ?? {})).toEqual(OPPORTUNITY_KEYS.slice(0, -1));
    const application = (await get(`/opportunities/${applied?.id}/applications`)).body.data[0];
    expect(Object.keys(application ?? {})).toEqual(APPLICATION_KEYS);
    expect((await one(`/opportunities/${applied?.id}/applications/${application?.id}`)).body.data).toEqual(application);
    expect(Object.keys((await one(`/contacts/${applied?.contact}`)).body.data)).toEqual(CONTACT_KEYS);
    for (const posting of await walk('/postings'))
      expect(Object.keys(posting).filter((key) => key !== 'salaryRange')).toEqual(POSTING_KEYS);
    for (const user of await walk('/users')) expect(Object.keys(user)).toEqual(USER_KEYS);
    for (const stage of await walk('/stages')) expect(Object.keys(stage)).toEqual(['id', 'text']);
    for (const reason of await walk('/archive_reasons'))
      expect(Object.keys(reason)).toEqual(['id', 'text', 'status', 'type']);
    for (const tag of await walk('/tags')) expect(Object.keys(tag)).toEqual(['count', 'text']);
  });

  it('of a single record are those of the list', async () => {
    const { get, one } = await sandbox();
    for (const path of ['/opportunities', '/postings', '/stages', '/archive_reasons', '/users']) {
      const row = (await get(path)).body.data[0];
      expect((await one(`${path}/${row?.id}`)).body.data).toEqual(row);
    }
  });

  it('have word ids for built-in stages and one text twice in a larger account', async () => {
    const { walk } = await sandbox({ candidates: 1000 });
    const stages = await walk('/stages');
    expect(stages.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['lead-new', 'lead-reached-out', 'lead-responded', 'applicant-new', 'offer']),
    );
    expect(new Set(stages.map(({ text }) => text)).size).toBe(stages.length - 1);
    expect(new Set(stages.map(({ id }) => id)).size).toBe(stages.length);
  });

  it('have one archive reason that hires', async () => {
    const { walk } = await sandbox();
    expect((await walk('/archive_reasons?type=hired')).map(({ text }) => text)).toEqual(['Hired']);
    expect((await walk('/archive_reasons?type=non-hired')).every(({ type }) => type === 'non-hired')).toBe(true);
  });

  it('hide deactivated users unless asked', async () => {
    const { walk } = await sandbox();
    const [active, all] = [await walk('/users'), await walk('/users?includeDeactivated=true')];
    expect(active.every(({ deactivatedAt }) => deactivatedAt === null)).toBe(true);
    expect(all.length).toBeGreaterThan(active.length);
    expect(new Set(all.map(({ accessRole }) => accessRole))).toEqual(
      new Set(['super admin', 'admin', 'team member', 'interviewer']),
    );
  });
});

describe('expand and include', () => {
  it('inline what is asked for by repeated keys', async () => {
    const { get } = await sandbox();
    const keys = ['applications', 'stage', 'owner', 'followers', 'sourcedBy', 'contact'];
    const { body } = await get(`/opportunities?${keys.map((key) => `expand=${key}`).join('&')}`);
    expect(body.data[0]).toMatchObject({
      stage: { id: 'lead-new', text: 'New lead' },
      contact: { location: { name: expect.any(String) } },
    });
    expect(body.data.some((row) => postingOf(row) !== undefined)).toBe(true);
  });

  it('refuse what cannot be expanded, commas included', async () => {
    const { get } = await sandbox();
    for (const name of ['posting', 'stage,owner']) {
      const { status, body } = await get(`/opportunities?expand=${name}`);
      expect([status, body.code, body.message]).toEqual([400, 'BadRequestError', `${name} is not expandable`]);
    }
    expect((await get('/stages?expand=user')).status).toBe(400);
    expect((await get('/postings?expand=owner&expand=hiringManager')).status).toBe(200);
  });

  it('leave out everything that include does not name, except what is expanded', async () => {
    const { get } = await sandbox();
    const { body } = await get('/opportunities?include=name&include=id&expand=stage');
    expect(Object.keys(body.data[0] ?? {}).sort()).toEqual(['id', 'name', 'stage']);
  });

  it('can be ignored by a knob', async () => {
    const { get } = await sandbox({ knobs: { ignoreExpand: true } });
    expect((await get('/opportunities?expand=stage')).body.data[0]?.stage).toBe('lead-new');
  });
});

describe('filters', () => {
  it('find the rows that a look at all rows finds', async () => {
    const { account, walk } = await sandbox({ candidates: 800 });
    const all = await walk('/opportunities?expand=applications');
    const [some] = all.filter((row) => row.archived !== null && postingOf(row) !== undefined && row.emails.length > 0);
    const [stage, posting] = [some?.stage, some === undefined ? undefined : postingOf(some)];
    const middle = account.state.base - 365 * 86_400_000;
    const cases: [string, (row: (typeof all)[number]) => boolean][] = [
      [`stage_id=${stage}&stage_id=offer`, (row) => row.stage === stage || row.stage === 'offer'],
      [`posting_id=${posting}`, (row) => postingOf(row) === posting && row.archived === null],
      [`archived_posting_id=${posting}`, (row) => postingOf(row) === posting && row.archived !== null],
      ['archived=true', (row) => row.archived !== null],
      ['archived=false', (row) => row.archived === null],
      [`archive_reason_id=${some?.archived?.reason}`, (row) => row.archived?.reason === some?.archived?.reason],
      [`created_at_start=${middle}`, (row) => row.createdAt >= middle],
      [`created_at_end=${some?.createdAt}`, (row) => row.createdAt <= (some?.createdAt ?? 0)],
      [`updated_at_start=${middle}`, (row) => row.updatedAt !== null && row.updatedAt >= middle],
      [
        `advanced_at_start=${middle}&advanced_at_end=${middle + 1e10}`,
        (row) => row.lastAdvancedAt >= middle && row.lastAdvancedAt <= middle + 1e10,
      ],
      [`archived_at_start=${middle}`, (row) => (row.archived?.archivedAt ?? 0) >= middle],
      [`tag=${encodeURIComponent(some?.tags[0] ?? '')}`, (row) => row.tags.includes(some?.tags[0] ?? '')],
      [
        'source=LinkedIn&source=Referral',
        (row) => row.sources.includes('LinkedIn') || row.sources.includes('Referral'),
      ],
      ['origin=agency', (row) => row.origin === 'agency'],
      ['snoozed=true', (row) => row.snoozedUntil !== null && row.snoozedUntil > account.state.now()],
      ['location=Berlin', (row) => row.opportunityLocation === 'Berlin'],
      ['location=unspecified', (row) => row.opportunityLocation === undefined],
      [`contact_id=${some?.contact}`, (row) => row.contact === some?.contact],
      [`email=${encodeURIComponent((some?.emails[0] ?? '').toUpperCase())}`, (row) => row.contact === some?.contact],
    ];
    for (const [query, test] of cases) {
      const found = await walk(`/opportunities?limit=50&${query}`);
      expect([query, found.map(({ id }) => id)]).toEqual([query, all.filter(test).map(({ id }) => id)]);
    }
  });

  it('refuse what is no value for them', async () => {
    const { get } = await sandbox();
    for (const query of ['archived=yes', 'updated_at_start=yesterday', 'confidentiality=maybe']) {
      expect((await get(`/opportunities?${query}`)).status).toBe(400);
    }
  });

  it('of postings combine, except for those by time', async () => {
    const { get, walk } = await sandbox({ candidates: 5000 });
    const [all, published] = [await walk('/postings'), await walk('/postings?state=published')];
    expect(published.every(({ distributionChannels }) => distributionChannels?.includes('public'))).toBe(true);
    const both = await walk('/postings?state=published&distributionChannel=public&distributionChannel=internal');
    expect(both).toEqual(all.filter(({ state }) => state === 'published'));
    expect(published.length).toBeLessThan(both.length);
    expect((await get('/postings?updated_at_start=1&state=published')).status).toBe(400);
    expect((await get('/postings?updated_at_start=1&confidentiality=all')).status).toBe(200);
  });
});

describe('confidential records', () => {
  it('are listed only when asked for by a grant that may see them', async () => {
    const { account, walk } = await sandbox({ candidates: 1000 });
    const [visible, counts] = [account.visible().applications, account.counts().applications];
    expect(counts).toBeGreaterThan(visible);
    expect(await walk('/opportunities?confidentiality=all')).toHaveLength(visible);
    expect(await walk('/opportunities?confidentiality=confidential')).toHaveLength(0);
    expect(await walk('/opportunities', 'confidential')).toHaveLength(visible);
    expect(await walk('/opportunities?confidentiality=all', 'confidential')).toHaveLength(counts);
    expect(await walk('/opportunities?confidentiality=confidential', 'confidential')).toHaveLength(counts - visible);
    expect(await walk('/postings?confidentiality=all')).toHaveLength(account.visible().jobs);
    expect(await walk('/postings?confidentiality=all', 'confidential')).toHaveLength(account.counts().jobs);
  });

  it('are refused one by one', async () => {
    const { one, walk } = await sandbox({ candidates: 1000 });
    for (const path of ['/opportunities', '/postings']) {
      const [secret] = await walk(`${path}?confidentiality=confidential`, 'confidential');
      expect((await one(`${path}/${secret?.id}`)).status).toBe(403);
      expect((await one(`${path}/${secret?.id}`, 'confidential')).status).toBe(200);
    }
  });
});

describe('access', () => {
  it('is by bearer token or by API key as the name of Basic authentication', async () => {
    const { one, get } = await sandbox();
    expect((await get('/stages', `Basic ${Buffer.from('key:').toString('base64')}`)).status).toBe(200);
    for (const token of ['nobody', `Basic ${Buffer.from('wrong:').toString('base64')}`, 'Bearer key']) {
      const { status, body } = await one('/stages', token);
      expect([status, body.code]).toEqual([401, 'UnauthorizedError']);
    }
  });

  it('needs the scope of the resource; one to write includes the one to read', async () => {
    const { get } = await sandbox();
    expect((await get('/stages', 'only-stages')).status).toBe(200);
    expect((await get('/postings', 'only-stages')).status).toBe(403);
    expect((await get('/opportunities', 'write-opportunities')).status).toBe(200);
  });

  it('ends in 404 naming the resource for what is not there, malformed ids too', async () => {
    const { one } = await sandbox();
    for (const [path, resource] of [
      ['stages', 'stages'],
      ['opportunities', 'opportunities'],
      ['postings', 'postings'],
      ['contacts', 'contacts'],
    ]) {
      const { status, body } = await one(`/${path}/nonsense`);
      expect([status, body]).toEqual([
        404,
        { code: 'ResourceNotFound', message: `${resource} nonsense was not found` },
      ]);
    }
    expect((await one('/nothing')).status).toBe(404);
  });
});

describe('the rate limit', () => {
  it('lets a burst of 20 through and refills 10 a second', async () => {
    const { account, clock, get } = await sandbox({ knobs: { rateLimit: { capacity: 20, refillPerSecond: 0.001 } } });
    const statuses = await Promise.all(Array.from({ length: 25 }, async () => (await get('/stages')).status));
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
    const refused = await get('/stages');
    expect([refused.headers.get('retry-after'), Object.keys(refused.body)]).toEqual([null, ['code', 'message']]);
    account.setKnobs({ rateLimit: { capacity: 20, refillPerSecond: 10 }, retryAfter: true });
    clock.advance(1);
    const after = await Promise.all(Array.from({ length: 40 }, async () => get('/stages')));
    expect(after.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(10);
    expect(after.find(({ status }) => status === 429)?.headers.get('retry-after')).toBe('1');
    expect(account.requests().total).toBe(66);
    expect(account.requests().byRoute).toEqual({ 'GET /stages': 66 });
  });
});

describe('knobs', () => {
  it('turn times into text and leave hasNext out', async () => {
    const { account, get } = await sandbox({ knobs: { stringTimestamps: true, missingHasNext: true } });
    const { body } = await get('/opportunities');
    expect(body.data[0]?.createdAt).toMatch(/^\d{13}$/);
    expect(Object.keys(body)).toEqual(['data', 'next']);
    expect(account.knobs()).toMatchObject({ stringTimestamps: true, resumesMissing: 'empty-list' });
  });

  it('that do not exist are refused with a sentence', async () => {
    const { account } = await sandbox();
    expect(() => account.setKnobs({ speed: 1 })).toThrow(/Lever has no knob "speed"/);
    expect(() => account.setKnobs({ rateLimit: 5 })).toThrow(/must be "off" or/);
    expect(() => account.setKnobs({ baseDate: 5 })).toThrow(/only be given when the account is made/);
  });

  it('keep new rows and fresh updates out of sight for a while', async () => {
    const { account, clock, get, one, walk } = await sandbox({ knobs: { lateVisibilityMs: 60_000 } });
    const [posting] = await walk('/postings?state=published');
    const before = (await walk('/opportunities')).length;
    const { operations } = account.change({
      operations: [{ op: 'create-candidate', job: posting?.id, name: 'Late Arrival' }],
    });
    const id = String(operations[0]?.detail['application']);
    expect([(await one(`/opportunities/${id}`)).status, (await walk('/opportunities')).length]).toEqual([404, before]);
    clock.advance(61);
    expect([(await one(`/opportunities/${id}`)).status, (await walk('/opportunities')).length]).toEqual([
      200,
      before + 1,
    ]);
    expect(
      (await get(`/opportunities?updated_at_start=${account.state.base + 1}`)).body.data.map((row) => row.id),
    ).toEqual([id]);
  });

  it('let a fault expire offset tokens', async () => {
    const { get } = await sandbox({}, { kind: 'cursor-expired' });
    const { body } = await get('/opportunities?limit=1');
    expect((await get(`/opportunities?limit=1&offset=${encodeURIComponent(body.next ?? '')}`)).body.message).toBe(
      'Invalid offset token',
    );
  });
});

describe('résumés', () => {
  it('are small PDFs of the size that they are said to have, the same at every download', async () => {
    const { url, get, one, walk } = await sandbox({ candidates: 100 });
    const lists = await Promise.all(
      (await walk('/opportunities')).map(async ({ id }) => ({
        id,
        resumes: (await get(`/opportunities/${id}/resumes`)).body.data,
      })),
    );
    const found = lists.find(({ resumes }) => resumes.length > 0);
    const resume = found?.resumes[0];
    expect(resume?.file).toMatchObject({
      ext: 'pdf',
      downloadUrl: expect.stringMatching(/^https:\/\/hire\.lever\.co\//),
    });
    expect((await one(`/opportunities/${found?.id}/resumes/${resume?.id}`)).body.data).toEqual(resume);
    const download = async (): Promise<Buffer> => {
      const response = await fetch(`${url}/opportunities/${found?.id}/resumes/${resume?.id}/download`, {
        headers: { authorization: 'Bearer all' },
      });
      return Buffer.from(await response.arrayBuffer());
    };
    const file = await download();
    expect([file.length, file.subarray(0, 8).toString()]).toEqual([resume?.file.size, '%PDF-1.4']);
    expect(await download()).toEqual(file);
    const other = lists.find(({ id, resumes }) => id !== found?.id && resumes.length > 0);
    expect((await one(`/opportunities/${other?.id}/resumes/${resume?.id}`)).status).toBe(404);
  });

  it('that are missing make an empty list, or by a knob 404', async () => {
    const { account, get, walk } = await sandbox({ candidates: 100 });
    const lead = (await walk('/opportunities')).find(({ applications }) => applications.length === 0);
    expect((await get(`/opportunities/${lead?.id}/resumes`)).body).toEqual({ data: [], hasNext: false });
    account.setKnobs({ resumesMissing: '404' });
    expect((await get(`/opportunities/${lead?.id}/resumes`)).status).toBe(404);
  });
});
