import { describe, expect, it } from '@jest/globals';
import {
  applicationSchema,
  applicationStageSchema,
  attachmentSchema,
  candidateSchema,
  jobPostSchema,
  jobSchema,
  stageSchema,
  userSchema,
} from './api.schemas.js';
import {
  choosePost,
  choosePresent,
  lacksStage,
  toApplication,
  toCandidate,
  toJob,
  toResume,
  toStage,
  toUser,
} from './normalise.js';

const noNames = { departments: new Map<string, string>(), offices: new Map<string, string>() };
const noFacts = { present: null, source: null };
const application = (fields: Record<string, unknown> = {}) =>
  applicationSchema.parse({ id: 1, candidate_id: 2, status: 'in_process', ...fields });
const candidate = (fields: Record<string, unknown> = {}) => toCandidate(candidateSchema.parse({ id: 3, ...fields }));
const job = (fields: Record<string, unknown> = {}) => jobSchema.parse({ id: 4, status: 'open', ...fields });

describe('an id', () => {
  it('above 2^32 stays what it is, as text', () => {
    expect(application({ id: 18549204003, candidate_id: '9007199254740993', job_id: 4294967297 })).toMatchObject({
      id: '18549204003',
      candidate_id: '9007199254740993',
      job_id: '4294967297',
    });
  });

  it('that lost digits on its way here is refused rather than guessed', () => {
    expect(applicationSchema.safeParse({ id: 2 ** 53, candidate_id: 2, status: 'hired' }).success).toBe(false);
  });
});

describe('a Greenhouse application', () => {
  it.each([
    ['in_process', 'active'],
    ['active', 'active'],
    ['rejected', 'rejected'],
    ['hired', 'hired'],
    ['converted', 'converted'],
    ['on_the_moon', 'unknown'],
    ['toString', 'unknown'],
  ])('of status %s is %s', (status, common) => {
    expect(toApplication(application({ status }), noFacts).status).toBe(common);
  });

  it('never takes its own stage row for a stage of the job', () => {
    const row = application({ stage_id: 99120007, stage_name: 'Phone Screen' });
    expect(toApplication(row, noFacts)).toMatchObject({ stageRemoteId: null, stageName: 'Phone Screen' });
    const present = applicationStageSchema.parse({
      id: 99120007,
      application_id: 1,
      job_interview_stage_id: 720002,
      entered_at: '2026-03-05T12:00:00.000Z',
    });
    expect(toApplication(row, { present, source: null })).toMatchObject({
      stageRemoteId: '720002',
      stageChangedAt: new Date('2026-03-05T12:00:00Z'),
    });
    expect(toApplication(application({ stage_id: 5, job_interview_stage_id: 6 }), noFacts).stageRemoteId).toBe('6');
  });

  it('has its stage asked for only while it is in one and does not say which', () => {
    expect(lacksStage(application({ stage_id: 9 }))).toBe(true);
    expect(lacksStage(application({ stage_name: 'Offer', job_interview_stage_id: null }))).toBe(true);
    expect(lacksStage(application({ stage_id: 9, job_interview_stage_id: 7 }))).toBe(false);
    expect(lacksStage(application())).toBe(false);
    expect(lacksStage(application({ status: 'rejected', stage_id: 9 }))).toBe(false);
  });

  it('is in the stage row that it names, else in the one that was entered last', () => {
    const rows = [
      { id: 1, application_id: 1, job_interview_stage_id: 10, entered_at: '2026-03-09T00:00:00.000Z' },
      { id: 2, application_id: 1, job_interview_stage_id: 20, entered_at: null },
    ].map((row) => applicationStageSchema.parse(row));
    expect(choosePresent(application({ stage_id: 2 }), rows)?.job_interview_stage_id).toBe('20');
    expect(choosePresent(application({ stage_id: 77 }), rows)?.job_interview_stage_id).toBe('10');
    expect(choosePresent(application(), [])).toBeNull();
  });

  it('of a prospect belongs to no job', () => {
    expect(toApplication(application({ prospect: true, job_id: 4 }), noFacts).jobRemoteId).toBeNull();
  });

  it('keeps custom fields by their key and answers beside them', () => {
    const fields = {
      custom_fields: {
        salary: { name: 'Salary', type: 'currency', value: { amount: '10000.0', unit: 'USD' } },
        empty: null,
      },
      answers: [{ question: 'Notice?', answer: '1 month' }],
      location_address: 'Lyon',
    };
    expect(toApplication(application(fields), noFacts).customFields).toEqual({
      salary: { name: 'Salary', type: 'currency', value: { amount: '10000.0', unit: 'USD' } },
      'application.answers': { name: 'Answers', type: 'answers', value: [{ question: 'Notice?', answer: '1 month' }] },
      'application.location_address': { name: 'Location', type: 'short_text', value: 'Lyon' },
    });
  });

  it('survives nulls wherever they may be, and lists of custom fields that are empty lists', () => {
    const nulls = Object.fromEntries(
      ['job_id', 'source_id', 'stage_id', 'rejected_at', 'answers', 'custom_fields', 'prospect'].map((key) => [
        key,
        null,
      ]),
    );
    expect(toApplication(application(nulls), noFacts)).toMatchObject({
      jobRemoteId: null,
      appliedAt: null,
      customFields: {},
    });
    expect(toApplication(application({ custom_fields: [], answers: 'odd' }), noFacts).customFields).toEqual({});
  });

  it('reads a zone without a colon and refuses what is no moment', () => {
    expect(application({ created_at: '2026-03-01T14:00:00+0200' }).created_at).toEqual(
      new Date('2026-03-01T12:00:00Z'),
    );
    const wrong = applicationSchema.safeParse({ id: 1, candidate_id: 2, status: 'hired', updated_at: 'lately' });
    expect(wrong.error?.issues[0]).toMatchObject({ path: ['updated_at'], message: 'expected an ISO 8601 moment' });
  });
});

describe('a Greenhouse candidate', () => {
  it('has a name, contact points without empty ones, and links of both lists', () => {
    expect(
      candidate({
        first_name: 'Ines',
        last_name: 'Moreau',
        title: 'Engineer',
        email_addresses: [
          { value: ' ines@example.test ', type: 'personal' },
          { value: '', type: 'work' },
        ],
        phone_numbers: [{ value: '+33600000000', type: 'mobile' }],
        addresses: [{ value: 'Lyon', type: 'home' }],
        website_addresses: [{ value: 'https://example.test', type: 'blog' }],
        social_media_addresses: [{ value: 'https://social.example/ines' }],
        tags: ['go'],
      }),
    ).toMatchObject({
      name: 'Ines Moreau',
      headline: 'Engineer',
      emails: [{ value: 'ines@example.test', type: 'personal' }],
      phones: [{ value: '+33600000000', type: 'mobile' }],
      location: 'Lyon',
      links: ['https://example.test', 'https://social.example/ines'],
      tags: ['go'],
      anonymised: false,
    });
  });

  it('without name, address and number was anonymised', () => {
    expect(candidate({ first_name: '', last_name: null })).toMatchObject({ name: '', anonymised: true });
    expect(candidate({ email_addresses: [{ value: 'a@example.test', type: 'work' }] }).anonymised).toBe(false);
  });

  it('that is private and visible says so', () => {
    expect(candidate({ private: true, first_name: 'A' }).customFields['candidate.private']?.value).toBe(true);
    expect(candidate({ private: false, first_name: 'A' }).customFields).toEqual({});
  });
});

describe('a Greenhouse job', () => {
  it.each([
    ['open', 'open'],
    ['closed', 'closed'],
    ['draft', 'draft'],
    ['frozen', 'unknown'],
  ])('of status %s is %s', (status, common) => {
    expect(toJob(job({ status }), noNames, null)).toMatchObject({ status: common, remoteStatus: status });
  });

  it('shows the names of its department and offices and the text of its post, never its internal notes', () => {
    const names = {
      departments: new Map([['51', 'Engineering']]),
      offices: new Map([
        ['61', 'Paris'],
        ['62', 'Lyon'],
      ]),
    };
    const post = jobPostSchema.parse({
      id: 1,
      job_id: 4,
      content: '<p>Build</p>',
      public_url: 'https://example.test/1',
    });
    const row = job({
      department_id: 51,
      office_ids: [61, 63, 62],
      notes: '<p>internal</p>',
      requisition_id: 'ENG-77',
    });
    expect(toJob(row, names, post)).toMatchObject({
      department: 'Engineering',
      location: 'Paris, Lyon',
      descriptionHtml: '<p>Build</p>',
      url: 'https://example.test/1',
      customFields: { 'job.requisition_id': { value: 'ENG-77' } },
    });
    expect(toJob(row, noNames, null)).toMatchObject({ department: null, location: null, descriptionHtml: null });
  });

  it('takes the post that candidates see', () => {
    const posts = [
      { id: 4, content: null, live: true, internal: false },
      { id: 1, content: 'internal', live: true, internal: true },
      { id: 2, content: 'old', live: false, internal: false },
      { id: 3, content: 'public', live: true, internal: false },
    ].map((post) => jobPostSchema.parse(post));
    expect(choosePost(posts)?.content).toBe('public');
    expect(choosePost([...posts].reverse())?.content).toBe('public');
    expect(choosePost([])).toBeNull();
  });
});

it('keeps an inactive stage so that history resolves', () => {
  expect(toStage(stageSchema.parse({ id: 1, job_id: 4, sort_order: 2, name: 'Onsite', active: false }))).toMatchObject({
    active: false,
    position: 2,
    jobRemoteId: '4',
  });
});

it('reads a service account, which has no address', () => {
  expect(
    toUser(
      userSchema.parse({
        id: 1,
        name: null,
        first_name: 'Elly',
        last_name: null,
        primary_email: '',
        deactivated: false,
      }),
    ),
  ).toMatchObject({
    name: 'Elly',
    email: null,
    active: true,
  });
});

it('keeps a résumé by its id and link', () => {
  const attachment = attachmentSchema.parse({
    id: 5501,
    candidate_id: 3,
    application_id: 1,
    type: 'resume',
    filename: null,
    url: 'https://files.example/x',
  });
  expect(toResume(attachment, '3')).toMatchObject({
    filename: 'resume-5501',
    applicationRemoteId: '1',
    locator: { attachment: '5501', url: 'https://files.example/x' },
  });
});
