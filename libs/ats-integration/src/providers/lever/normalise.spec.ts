import { describe, expect, it } from '@jest/globals';
import { archiveReasonSchema, opportunitySchema, postingSchema, resumeSchema, userSchema } from './api.schemas.js';
import { toApplication, toCandidate, toJob, toResume, toUser } from './normalise.js';

const CREATED = 1_790_000_000_000;
const minimal = { id: 'opp-1', contact: 'contact-1' };
const opportunity = (fields: Record<string, unknown> = {}) => opportunitySchema.parse({ ...minimal, ...fields });
const reasons = new Map(
  [
    { id: 'r-hired', text: 'Hired', type: 'hired' },
    { id: 'r-comp', text: 'Compensation', type: 'non-hired' },
    { id: 'r-old', text: 'Old reason', type: null },
  ].map((reason) => [reason.id, archiveReasonSchema.parse(reason)]),
);

describe('a Lever opportunity', () => {
  it('is an application even when everything but its id and contact is null or absent', () => {
    expect(toApplication(opportunity(), reasons)).toMatchObject({
      remoteId: 'opp-1',
      candidateRemoteId: 'contact-1',
      jobRemoteId: null,
      stageRemoteId: null,
      status: 'active',
      appliedAt: null,
      updatedAt: null,
      source: null,
      customFields: {},
    });
  });

  it('takes its job from an expanded application and leaves it unknown where only the id was sent', () => {
    const expanded = opportunity({ applications: [{ id: 'app-1', posting: 'posting-1', createdAt: CREATED }] });
    expect(toApplication(expanded, reasons)).toMatchObject({ jobRemoteId: 'posting-1', appliedAt: new Date(CREATED) });
    const twice = opportunity({ applications: [{ id: 'app-1', posting: { id: 'posting-1', text: 'Engineer' } }] });
    expect(toApplication(twice, reasons).jobRemoteId).toBe('posting-1');
    const bare = opportunity({ applications: ['app-1'], createdAt: CREATED });
    expect(toApplication(bare, reasons)).toMatchObject({ jobRemoteId: null, appliedAt: new Date(CREATED) });
  });

  it('without an application is a lead: no job, not applied', () => {
    expect(toApplication(opportunity({ applications: [], createdAt: CREATED }), reasons)).toMatchObject({
      jobRemoteId: null,
      appliedAt: null,
    });
  });

  it('keeps word-shaped stage ids and the name of an expanded stage', () => {
    expect(toApplication(opportunity({ stage: 'lead-new' }), reasons).stageRemoteId).toBe('lead-new');
    expect(toApplication(opportunity({ stage: { id: 'offer', text: 'Offer' } }), reasons)).toMatchObject({
      stageRemoteId: 'offer',
      stageName: 'Offer',
    });
  });

  it.each([
    ['r-hired', 'hired', null],
    ['r-comp', 'rejected', 'Compensation'],
    ['r-old', 'rejected', 'Old reason'],
    ['r-gone', 'rejected', null],
    [null, 'rejected', null],
  ])('archived with reason %s is %s', (reason, status, statusReason) => {
    const archived = opportunity({ archived: { reason, archivedAt: CREATED + 5 } });
    expect(toApplication(archived, reasons)).toMatchObject({
      status,
      statusReason,
      stageChangedAt: new Date(CREATED + 5),
    });
  });

  it('falls back to its latest known moment when Lever keeps no updatedAt', () => {
    const never = opportunity({
      updatedAt: null,
      createdAt: CREATED,
      lastAdvancedAt: CREATED + 10,
      archived: { reason: 'r-comp', archivedAt: CREATED + 7 },
    });
    expect(toApplication(never, reasons).updatedAt).toEqual(new Date(CREATED + 10));
    const touched = opportunity({ updatedAt: CREATED + 99, lastAdvancedAt: CREATED + 10 });
    expect(toApplication(touched, reasons).updatedAt).toEqual(new Date(CREATED + 99));
  });

  it('reads moments that are sent as text', () => {
    expect(opportunity({ createdAt: '1790000000000' }).createdAt).toEqual(new Date(CREATED));
    expect(opportunitySchema.safeParse({ ...minimal, createdAt: 'yesterday' }).success).toBe(false);
    expect(opportunitySchema.safeParse({ ...minimal, createdAt: 9e15 }).success).toBe(false);
  });

  it('keeps answers of the form unless the person was anonymised, and survives a form that reads oddly', () => {
    const form = [{ fields: [{ id: 'f-1', text: 'Notice period', type: 'text', value: '1 month' }] }];
    const answered = { applications: [{ id: 'app-1', posting: 'p', customQuestions: form }] };
    expect(toApplication(opportunity(answered), reasons).customFields['question:f-1']).toEqual({
      name: 'Notice period',
      type: 'text',
      value: '1 month',
    });
    expect(toApplication(opportunity({ ...answered, isAnonymized: true }), reasons).customFields).toEqual({});
    const odd = opportunity({ applications: [{ id: 'app-1', posting: 'p', customQuestions: 'none' }] });
    expect(toApplication(odd, reasons)).toMatchObject({ jobRemoteId: 'p', customFields: {} });
  });

  it('does not let a key of the vendor reach the prototype', () => {
    const form = [{ fields: [{ id: '__proto__', text: 'x', type: 'text', value: { polluted: true } }] }];
    const record = toApplication(
      opportunity({ origin: 'applied', applications: [{ id: 'a', posting: 'p', customQuestions: form }] }),
      reasons,
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(record.customFields['origin']?.value).toBe('applied');
  });
});

describe('the person behind an opportunity', () => {
  const person = {
    name: 'Ada Example',
    headline: 'Engineer',
    location: 'Lisbon',
    emails: ['ada@example.test', ''],
    phones: [{ type: 'mobile', value: '+351 000' }, { type: null, value: null }, '+351 111'],
    links: ['https://example.test/ada'],
  };

  it('is byte for byte the same from two opportunities that differ in all that is not the contact', () => {
    const one = toCandidate(
      opportunity({ ...person, tags: ['a'], sources: ['x'], updatedAt: CREATED, urls: { show: 'https://one' } }),
    );
    const two = toCandidate(
      opportunity({ ...person, id: 'opp-2', tags: ['b'], origin: 'sourced', stage: 'offer', updatedAt: null }),
    );
    expect(JSON.stringify(two)).toBe(JSON.stringify(one));
    expect(one).toMatchObject({
      remoteId: 'contact-1',
      emails: [{ value: 'ada@example.test', type: null }],
      phones: [
        { value: '+351 000', type: 'mobile' },
        { value: '+351 111', type: null },
      ],
    });
  });

  it('keeps nothing personal of someone whom Lever anonymised', () => {
    expect(toCandidate(opportunity({ ...person, isAnonymized: true }))).toMatchObject({
      name: '',
      headline: null,
      location: null,
      emails: [],
      phones: [],
      links: [],
      anonymised: true,
    });
  });
});

describe('a Lever posting', () => {
  const posting = (fields: Record<string, unknown> = {}) =>
    toJob(postingSchema.parse({ id: 'p-1', text: 'Engineer', state: 'published', ...fields }));

  it.each([
    ['published', 'open'],
    ['internal', 'open'],
    ['closed', 'closed'],
    ['draft', 'draft'],
    ['pending', 'draft'],
    ['rejected', 'draft'],
    ['archived-by-robots', 'unknown'],
    ['constructor', 'unknown'],
  ])('in state %s is %s and keeps the word', (state, status) => {
    expect(posting({ state })).toMatchObject({ status, remoteStatus: state });
  });

  it('joins description, lists and closing, and escapes headings', () => {
    const content = {
      descriptionHtml: '<div>Build.</div>',
      lists: [{ text: 'You & <us>', content: '<li>Go</li>' }],
      closingHtml: '<div>Bye.</div>',
    };
    expect(posting({ content }).descriptionHtml).toBe(
      '<div>Build.</div><h3>You &amp; &lt;us&gt;</h3><ul><li>Go</li></ul><div>Bye.</div>',
    );
    expect(posting({ content: { description: 'plain only' } }).descriptionHtml).toBeNull();
  });

  it('is confidential when Lever says so, and takes the team where there is no department', () => {
    expect(
      posting({ confidentiality: 'confidential', categories: { department: null, team: 'Platform' } }),
    ).toMatchObject({
      confidential: true,
      department: 'Platform',
      location: null,
    });
  });
});

it('reads a deactivated user as inactive', () => {
  expect(toUser(userSchema.parse({ id: 'u', name: 'Rae', email: null, deactivatedAt: CREATED }))).toMatchObject({
    active: false,
    email: null,
  });
});

it('gives a résumé its extension once and never the address on the web host', () => {
  const file = { name: 'ada', ext: '.pdf', uploadedAt: String(CREATED), downloadUrl: 'https://hire.lever.co/x' };
  const record = toResume(resumeSchema.parse({ id: 'res-1', file }), {
    remoteId: 'opp-1',
    candidateRemoteId: 'contact-1',
  });
  expect(record).toMatchObject({
    filename: 'ada.pdf',
    uploadedAt: new Date(CREATED),
    locator: { opportunity: 'opp-1', resume: 'res-1' },
  });
  const named = toResume(resumeSchema.parse({ id: 'res-1', file: { name: 'Ada.PDF', ext: 'pdf' } }), {
    remoteId: 'o',
    candidateRemoteId: 'c',
  });
  expect(named.filename).toBe('Ada.PDF');
});
