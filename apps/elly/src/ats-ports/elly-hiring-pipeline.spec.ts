import { randomUUID } from 'node:crypto';
import type { ApplicationChange, CandidateChange, JobChange, PipelineBatch } from '@elly/ats-integration';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Candidate } from '../candidates/candidate.entity.js';
import { Resume } from '../candidates/resume.entity.js';
import { Job } from '../jobs/job.entity.js';
import { Application } from '../pipeline/application.entity.js';
import type { Stage } from '../pipeline/stage.entity.js';
import type { TestOrm } from '../testing/test-orm.js';
import { addWorkspace, startTestOrm } from '../testing/test-orm.js';
import { EllyHiringPipeline } from './elly-hiring-pipeline.js';

const job = (id: string, over: Partial<JobChange['record']> = {}): JobChange => ({
  id,
  created: true,
  record: {
    kind: 'job',
    remoteId: 'j1',
    updatedAt: null,
    title: 'Engineer',
    descriptionHtml: '<p>It’s “fun” \\ really?</p>',
    status: 'open',
    remoteStatus: 'open',
    department: 'R&D',
    location: null,
    confidential: false,
    openedAt: null,
    closedAt: null,
    url: null,
    customFields: {},
    ...over,
  },
});

const candidate = (id: string, over: Partial<CandidateChange['record']> = {}): CandidateChange => ({
  id,
  created: true,
  record: {
    kind: 'candidate',
    remoteId: 'c1',
    updatedAt: null,
    name: "Zoë O'Neil",
    firstName: 'Zoë',
    lastName: "O'Neil",
    emails: [{ value: 'zoe@example.com', type: 'work' }],
    phones: [{ value: '+1 (555) 0100', type: null }],
    headline: null,
    company: 'Say "hi", Inc.',
    location: null,
    links: [],
    tags: [],
    anonymised: false,
    url: null,
    customFields: {
      salary: { name: 'Salary', type: 'number', value: 1 },
      note: { name: 'Note', type: 'text', value: 'a "quoted" \\ line\nand ? more' },
    },
    ...over,
  },
});

const application = (
  id: string,
  over: {
    candidateId: string;
    jobId: string | null;
    stageId: string | null;
    record?: Partial<ApplicationChange['record']>;
  },
): ApplicationChange => ({
  id,
  created: true,
  candidateId: over.candidateId,
  jobId: over.jobId,
  placement: over.stageId === null ? null : { stageId: over.stageId, how: 'suggested' },
  correction: null,
  record: {
    kind: 'application',
    remoteId: 'a1',
    updatedAt: null,
    candidateRemoteId: 'c1',
    jobRemoteId: 'j1',
    stageRemoteId: 's1',
    stageName: 'Phone screen',
    status: 'active',
    statusReason: null,
    appliedAt: new Date('2026-01-02T03:04:05Z'),
    stageChangedAt: new Date('2026-02-03T04:05:06Z'),
    source: null,
    ownerRemoteId: null,
    customFields: {},
    ...over.record,
  },
});

describe('EllyHiringPipeline', () => {
  let database: TestOrm;
  let pipeline: EllyHiringPipeline;
  let workspaceId: string;
  let stages: readonly Stage[];
  let ids: { readonly job: string; readonly candidate: string; readonly application: string };

  beforeAll(async () => {
    database = await startTestOrm();
    pipeline = new EllyHiringPipeline(database.orm.em);
  });
  afterAll(() => database.stop());
  beforeEach(async () => {
    ({ workspaceId, stages } = await addWorkspace(database.orm));
    ids = { job: randomUUID(), candidate: randomUUID(), application: randomUUID() };
  });

  const stage = (position: number) => stages[position]?.id ?? '';
  const batch = (over: Partial<PipelineBatch>): PipelineBatch => ({
    workspaceId,
    connectionId: randomUUID(),
    provider: { id: 'lever', name: 'Lever' },
    jobs: [],
    candidates: [],
    applications: [],
    resumes: [],
    gone: [],
    ...over,
  });
  const apply = (over: Partial<PipelineBatch>) =>
    database.orm.em.fork().transactional((em) => pipeline.apply(batch(over), em));
  const everything = () => ({
    jobs: [job(ids.job)],
    candidates: [candidate(ids.candidate)],
    applications: [application(ids.application, { candidateId: ids.candidate, jobId: ids.job, stageId: stage(2) })],
    resumes: [
      {
        candidateId: ids.candidate,
        filename: 'cv.pdf',
        contentType: 'application/pdf',
        size: 3_000_000_000,
        reference: 'ref-1',
      },
    ],
  });
  const all = async () => {
    const em = database.orm.em.fork();
    return {
      jobs: await em.find(Job, { workspaceId }),
      candidates: await em.find(Candidate, { workspaceId }),
      applications: await em.find(Application, { workspaceId }),
    };
  };

  it('gives the stages of the workspace in the order of the pipeline', async () => {
    const found = await pipeline.stages(workspaceId);
    expect(found.map(({ name, kind }) => `${name}:${kind}`)).toEqual([
      'Lead:lead',
      'Applied:applied',
      'Screen:screen',
      'Interview:interview',
      'Offer:offer',
      'Hired:hired',
      'Rejected:rejected',
    ]);
  });

  it('writes a page of all kinds in one go, each row joined to the others', async () => {
    await apply(everything());
    const found = await all();
    expect(found.jobs).toMatchObject([
      {
        title: 'Engineer',
        description: '<p>It’s “fun” \\ really?</p>',
        status: 'open',
        source: 'ats',
        provider: 'lever',
        providerName: 'Lever',
        atsRecordId: ids.job,
      },
    ]);
    expect(found.candidates).toMatchObject([
      {
        name: "Zoë O'Neil",
        emails: ['zoe@example.com'],
        phones: ['+1 (555) 0100'],
        company: 'Say "hi", Inc.',
        source: 'ats',
      },
    ]);
    expect(found.applications).toMatchObject([
      {
        candidateId: found.candidates[0]?.id,
        jobId: found.jobs[0]?.id,
        stageId: stage(2),
        placement: 'suggested',
        status: 'active',
        appliedAt: new Date('2026-01-02T03:04:05Z'),
        movedAt: new Date('2026-02-03T04:05:06Z'),
      },
    ]);
    const resume = await database.orm.em.fork().findOneOrFail(Resume, { candidateId: found.candidates[0]?.id ?? '' });
    expect(resume).toMatchObject({ reference: 'ref-1', filename: 'cv.pdf', size: 3_000_000_000 });
  });

  it('keeps why an edit did not come about until the candidate is edited again', async () => {
    await apply(everything());
    const correction = { message: 'Lever did not take it.', fields: ['headline'] };
    await apply({ candidates: [{ ...candidate(ids.candidate), created: false, correction }] });
    await apply({ candidates: [{ ...candidate(ids.candidate, { name: 'Zoë' }), created: false }] });
    expect((await all()).candidates).toMatchObject([{ name: 'Zoë', correction: 'Lever did not take it.' }]);
  });

  it('updates the same rows when the same page comes again', async () => {
    await apply(everything());
    const before = await all();
    await apply({
      ...everything(),
      jobs: [job(ids.job, { title: 'Senior Engineer', status: 'closed' })],
      candidates: [candidate(ids.candidate, { name: 'Zoë', emails: [] })],
      resumes: [
        {
          candidateId: ids.candidate,
          filename: 'cv2.pdf',
          contentType: 'application/pdf',
          size: 1,
          reference: 'ref-2',
        },
      ],
    });
    const after = await all();
    expect(after.jobs).toMatchObject([{ id: before.jobs[0]?.id, title: 'Senior Engineer', status: 'closed' }]);
    expect(after.candidates).toMatchObject([{ id: before.candidates[0]?.id, name: 'Zoë', emails: [] }]);
    expect(after.applications.map(({ id }) => id)).toEqual(before.applications.map(({ id }) => id));
    expect(
      await database.orm.em.fork().findOneOrFail(Resume, { candidateId: before.candidates[0]?.id ?? '' }),
    ).toMatchObject({ filename: 'cv2.pdf' });
  });

  it('remembers when an application came to its stage, and only a move changes that', async () => {
    await apply(everything());
    const again = (stageId: string, stageChangedAt: Date) =>
      apply({
        applications: [
          application(ids.application, {
            candidateId: ids.candidate,
            jobId: ids.job,
            stageId,
            record: { stageChangedAt },
          }),
        ],
      });
    await again(stage(2), new Date('2026-05-05T00:00:00Z'));
    expect((await all()).applications[0]?.movedAt).toEqual(new Date('2026-02-03T04:05:06Z'));
    await again(stage(3), new Date('2026-06-06T00:00:00Z'));
    expect((await all()).applications[0]).toMatchObject({
      stageId: stage(3),
      movedAt: new Date('2026-06-06T00:00:00Z'),
    });
  });

  it('takes an application whose candidate and job came with an earlier page', async () => {
    const { jobs, candidates, applications } = everything();
    await apply({ jobs });
    await apply({ candidates });
    await apply({ applications });
    expect((await all()).applications).toHaveLength(1);
  });

  it('keeps a prospect, who has no job, and an application that nobody could place', async () => {
    await apply({
      candidates: [candidate(ids.candidate)],
      applications: [application(ids.application, { candidateId: ids.candidate, jobId: null, stageId: null })],
    });
    expect((await all()).applications).toMatchObject([{ jobId: null, stageId: null, placement: null }]);
  });

  it('rolls back with the transaction of the page', async () => {
    const failing = database.orm.em.fork().transactional(async (em) => {
      await pipeline.apply(batch(everything()), em);
      throw new Error('the cursor could not be written');
    });
    await expect(failing).rejects.toThrow('cursor');
    expect(await all()).toEqual({ jobs: [], candidates: [], applications: [] });
  });

  it('fails the page rather than lose an application whose candidate or job was never imported', async () => {
    const { candidates, applications } = everything();
    await expect(apply({ candidates, applications })).rejects.toThrow('1 of 1 applications could not be written');
    await expect(apply({ resumes: everything().resumes })).rejects.toThrow('1 of 1 résumés');
    expect((await all()).candidates).toEqual([]);
  });

  it("never touches another workspace's rows, even when it is given their ids", async () => {
    await apply(everything());
    const other = (await addWorkspace(database.orm)).workspaceId;
    await expect(apply({ workspaceId: other, jobs: [job(ids.job, { title: 'Taken' })] })).rejects.toThrow(
      'another workspace',
    );
    await expect(
      apply({ workspaceId: other, candidates: [candidate(ids.candidate, { name: 'Taken' })] }),
    ).rejects.toThrow('another workspace');
    expect((await all()).jobs[0]?.title).toBe('Engineer');
    expect((await all()).candidates[0]?.name).toBe("Zoë O'Neil");
  });

  it('finds candidates by e-mail address, except those of one connection and of other workspaces', async () => {
    const em = database.orm.em.fork();
    const other = (await addWorkspace(database.orm)).workspaceId;
    const byHand = new Candidate({ workspaceId, name: 'Ana', emails: ['x@example.com', ' Ana@Example.com '] });
    em.persist([byHand, new Candidate({ workspaceId: other, name: 'Ana', emails: ['bob@example.com'] })]);
    await em.flush();
    const connectionId = randomUUID();
    await apply({ connectionId, candidates: [candidate(ids.candidate)] });
    const find = (notOfConnection: string) =>
      pipeline.findByEmail(workspaceId, ['ana@example.com', 'zoe@example.com', 'bob@example.com'], { notOfConnection });
    const ana = { email: 'ana@example.com', candidateId: byHand.id };
    expect(await find(connectionId)).toEqual([ana]);
    const { id: zoe } = await em.findOneOrFail(Candidate, { atsRecordId: ids.candidate });
    expect(await find(randomUUID())).toEqual([ana, { email: 'zoe@example.com', candidateId: zoe }]);
  });

  it('forgets the résumé of a person whom the ATS anonymised', async () => {
    await apply(everything());
    await apply({
      candidates: [
        candidate(ids.candidate, {
          name: '',
          emails: [],
          phones: [],
          company: null,
          customFields: {},
          anonymised: true,
        }),
      ],
    });
    const [found] = (await all()).candidates;
    expect(found).toMatchObject({
      name: '',
      emails: [],
      phones: [],
      company: null,
      anonymised: true,
    });
    expect(await database.orm.em.fork().findOne(Resume, { candidateId: found?.id ?? '' })).toBeNull();
  });

  it('forgets a résumé whose file the ATS erased, and no other', async () => {
    await apply(everything());
    const erased = (reference: string): Partial<PipelineBatch> => ({
      gone: [{ kind: 'resume', id: randomUUID(), tombstone: 'anonymised', intoId: null, reference }],
    });
    const kept = async () =>
      database.orm.em.fork().count(Resume, { candidateId: (await all()).candidates[0]?.id ?? '' });
    await apply(erased('ref-2'));
    const { workspaceId: other } = await addWorkspace(database.orm);
    await apply({ ...erased('ref-1'), workspaceId: other });
    expect(await kept()).toBe(1);
    await apply(erased('ref-1'));
    expect(await kept()).toBe(0);
    expect((await all()).candidates).toMatchObject([{ name: candidate(ids.candidate).record.name, gone: null }]);
  });

  it('writes a full page of 500 candidates and their applications', async () => {
    const people = Array.from({ length: 500 }, () => ({ candidate: randomUUID(), application: randomUUID() }));
    await apply({
      jobs: [job(ids.job)],
      candidates: people.map((person) => candidate(person.candidate)),
      applications: people.map((person) =>
        application(person.application, { candidateId: person.candidate, jobId: ids.job, stageId: stage(1) }),
      ),
    });
    const found = await all();
    expect([found.candidates.length, found.applications.length]).toEqual([500, 500]);
  });
});
