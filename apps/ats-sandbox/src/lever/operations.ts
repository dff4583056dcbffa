import { z } from 'zod';
import type { AppliedChange } from '../simulator.js';
import { appliedChange as change } from './applied-change.js';
import { FIRST_APPLICANT_STAGE, HIRED_REASON } from './catalogue.js';
import type { LeverState } from './lever-state.js';
import { tagsOf } from './opportunity-generator.js';
import { indexOfId, recordId } from './record-ids.js';
import { anonymized, merged } from './people-operations.js';
import type { Contact, OpportunityRecord, Posting } from './records.js';
import { RESUMES_PER_SLOT } from './resume-files.js';

const application = z.string();
const OPERATION = z.discriminatedUnion('op', [
  z.object({ op: z.literal('move'), application, toStage: z.string() }),
  z.object({
    op: z.literal('edit-candidate'),
    candidate: z.string(),
    set: z.strictObject({ name: z.string(), headline: z.string(), email: z.string(), phone: z.string() }).partial(),
  }),
  z.object({ op: z.literal('reject'), application, reason: z.string().optional() }),
  z.object({ op: z.literal('hire'), application }),
  z.object({ op: z.literal('unarchive'), application }),
  z.object({ op: z.literal('open-job'), job: z.string() }),
  z.object({ op: z.literal('close-job'), job: z.string() }),
  z.object({
    op: z.literal('create-candidate'),
    job: z.string(),
    name: z.string(),
    email: z.string().optional(),
    resume: z.unknown().optional(),
  }),
  z.object({ op: z.literal('create-job'), name: z.string(), status: z.string().optional() }),
  z.object({ op: z.literal('delete-application'), application }),
  z.object({ op: z.literal('delete-candidate'), candidate: z.string() }),
  z.object({ op: z.literal('add-resume'), candidate: z.string() }),
  z.object({ op: z.literal('delete-job'), job: z.string() }),
  z.object({ op: z.literal('merge-candidates'), primary: z.string(), secondary: z.string() }),
  z.object({ op: z.literal('anonymize-candidate'), candidate: z.string() }),
  z.object({ op: z.literal('set-confidential'), application, confidential: z.boolean() }),
]);

/** A change that a person makes in the web application. */
export type Operation = z.infer<typeof OPERATION>;

/** Reads an operation; throws an Error with a sentence when it is none. */
export function parseOperation(value: unknown): Operation {
  const parsed = OPERATION.safeParse(value);
  if (!parsed.success)
    throw new Error(`This is no change that Lever knows: ${JSON.stringify(value)}. ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Makes one change and says what it did. */
export function applyOperation(state: LeverState, operation: Operation): AppliedChange {
  return state.atOnce(() => apply(state, operation));
}

function apply(state: LeverState, operation: Operation): AppliedChange {
  switch (operation.op) {
    case 'move':
      return moved(state, opportunityOf(state, operation.application), stageOf(state, operation.toStage));
    case 'edit-candidate':
      return edited(state, contactOf(state, operation.candidate), operation.set);
    case 'reject':
      return archivedAs(
        state,
        operation.op,
        opportunityOf(state, operation.application),
        reasonOf(state, operation.reason),
      );
    case 'hire':
      return archivedAs(state, operation.op, opportunityOf(state, operation.application), HIRED_REASON);
    case 'unarchive':
      return archivedAs(state, operation.op, opportunityOf(state, operation.application), null);
    case 'open-job':
    case 'close-job':
      return posted(state, operation.op, postingOf(state, operation.job));
    case 'create-candidate':
      return created(state, postingOf(state, operation.job), operation);
    case 'create-job':
      return postingCreated(state, operation.name, operation.status ?? 'published');
    case 'delete-application': {
      const record = opportunityOf(state, operation.application);
      state.deleteOpportunity(record, 0);
      return change(operation.op, 'applications', recordId(state.seed, record.slot, 'opportunity'), {});
    }
    case 'delete-candidate': {
      const contact = contactOf(state, operation.candidate);
      const records = state.slotsOf(contact.index).flatMap((slot) => state.opportunity(slot) ?? []);
      for (const record of records) state.deleteOpportunity(record, 0);
      const applications = records.map(({ slot }) => recordId(state.seed, slot, 'opportunity'));
      return change(operation.op, 'candidates', operation.candidate, { applications });
    }
    case 'add-resume':
      return resumeAdded(state, contactOf(state, operation.candidate));
    case 'delete-job': {
      const posting = postingOf(state, operation.job);
      state.deletePosting(posting, 0);
      return change(operation.op, 'jobs', posting.id, {});
    }
    case 'merge-candidates':
      return merged(state, contactOf(state, operation.primary), contactOf(state, operation.secondary));
    case 'anonymize-candidate':
      return anonymized(state, contactOf(state, operation.candidate));
    case 'set-confidential': {
      const record = opportunityOf(state, operation.application);
      const { confidential } = operation;
      state.touch({ ...record, confidential }, { type: 'opportunityUpdated', opportunity: record.slot });
      return change(operation.op, 'applications', recordId(state.seed, record.slot, 'opportunity'), { confidential });
    }
  }
}

/** Moves an opportunity; one that is archived stays archived. */
export function move(
  state: LeverState,
  record: OpportunityRecord,
  stage: number,
  user: number | undefined,
): OpportunityRecord {
  return state.atOnce(() => {
    const now = state.now();
    const stageChanges = [...record.stageChanges, { stage, at: now, user }];
    const event = { type: 'candidateStageChange', opportunity: record.slot, from: record.stage, to: stage } as const;
    return state.touch({ ...record, stage, stageChanges, advancedAt: now }, event);
  });
}

/** Archives with a reason, changes the reason, or with null takes an opportunity out of the archive. */
export function archive(state: LeverState, record: OpportunityRecord, reason: number | null): OpportunityRecord {
  return state.atOnce(() => {
    const archived = reason === null ? null : { reason, at: state.now() };
    const hired = archived?.reason === HIRED_REASON;
    const { slot: opportunity, archived: from } = record;
    const event = hired
      ? ({ type: 'candidateHired', opportunity } as const)
      : ({ type: 'candidateArchiveChange', opportunity, from, to: archived } as const);
    return state.touch({ ...record, archived }, event);
  });
}

function moved(state: LeverState, record: OpportunityRecord, stage: number): AppliedChange {
  move(state, record, stage, record.owner ?? 0);
  const [from, to] = [state.stages[record.stage]?.id, state.stages[stage]?.id];
  return change('move', 'applications', recordId(state.seed, record.slot, 'opportunity'), { from, to });
}

function archivedAs(state: LeverState, op: string, record: OpportunityRecord, reason: number | null): AppliedChange {
  archive(state, record, reason);
  const id = recordId(state.seed, record.slot, 'opportunity');
  return change(op, 'applications', id, { reason: reason === null ? null : state.reasons[reason]?.id });
}

function edited(
  state: LeverState,
  contact: Contact,
  set: Extract<Operation, { op: 'edit-candidate' }>['set'],
): AppliedChange {
  if (contact.isAnonymized) throw new Error('An anonymous contact cannot be updated.');
  const { name, headline, email, phone } = set;
  const put = {
    ...contact,
    ...(name === undefined ? {} : { name }),
    ...(headline === undefined ? {} : { headline }),
    ...(email === undefined ? {} : { emails: [email, ...contact.emails.slice(1)] }),
    ...(phone === undefined
      ? {}
      : { phones: [{ type: contact.phones[0]?.type ?? 'mobile', value: phone }, ...contact.phones.slice(1)] }),
  };
  state.putContact(put, { type: 'contactUpdated', contact: contact.index });
  return change('edit-candidate', 'candidates', recordId(state.seed, contact.index, 'contact'), { set });
}

function posted(state: LeverState, op: 'open-job' | 'close-job', posting: Posting): AppliedChange {
  const opens = op === 'open-job';
  const put = state.putPosting({
    ...posting,
    state: opens ? 'published' : 'closed',
    distributionChannels: opens ? ['internal', 'public'] : null,
  });
  return change(op, 'jobs', put.id, { from: posting.state, to: put.state });
}

function created(
  state: LeverState,
  posting: Posting,
  asked: Extract<Operation, { op: 'create-candidate' }>,
): AppliedChange {
  const [now, owner] = [state.now(), posting.owner];
  const emails = asked.email === undefined ? [] : [asked.email];
  const contact = state.addContact({
    name: asked.name,
    headline: '',
    location: '',
    emails,
    phones: [],
    links: [],
    isAnonymized: false,
  });
  const withResume = asked.resume !== undefined && asked.resume !== false && asked.resume !== null;
  const record = state.addOpportunity({
    contact: contact.index,
    posting: posting.index,
    stage: FIRST_APPLICANT_STAGE,
    confidential: posting.confidential,
    archived: null,
    createdAt: now,
    updatedAt: now,
    advancedAt: now,
    tags: tagsOf(posting),
    sources: ['Job site'],
    origin: 'applied',
    owner,
    sourcedBy: null,
    followers: [owner],
    stageChanges: [{ stage: FIRST_APPLICANT_STAGE, at: now, user: undefined }],
    interactedAt: now,
    snoozedUntil: null,
    resumes: withResume ? [{ number: 0, at: now }] : [],
  });
  const id = recordId(state.seed, contact.index, 'contact');
  return change('create-candidate', 'candidates', id, {
    application: recordId(state.seed, record.slot, 'opportunity'),
    job: posting.id,
  });
}

function postingCreated(state: LeverState, text: string, status: string): AppliedChange {
  const states = ['published', 'internal', 'closed', 'draft', 'pending', 'rejected'] as const;
  const wanted = states.find((one) => one === (status === 'open' ? 'published' : status));
  if (wanted === undefined) throw new Error(`A posting cannot be "${status}"; it can be open or ${states.join(', ')}.`);
  const now = state.now();
  const posting = state.addPosting({
    text,
    state: wanted,
    distributionChannels: wanted === 'published' ? ['internal', 'public'] : null,
    confidential: false,
    owner: 0,
    hiringManager: null,
    department: 'Operations',
    team: 'New team',
    location: 'Berlin',
    commitment: 'Full-time',
    workplaceType: 'unspecified',
    salaried: false,
    createdAt: now,
    updatedAt: now,
  });
  return change('create-job', 'jobs', posting.id, { name: text, state: wanted });
}

/** A new file is an interaction, so the opportunity's times move. */
function resumeAdded(state: LeverState, contact: Contact): AppliedChange {
  const records = state.slotsOf(contact.index).flatMap((slot) => state.opportunity(slot) ?? []);
  const record = records.find(({ posting }) => posting >= 0) ?? records[0];
  if (record === undefined) throw new Error('This candidate has no opportunity to add a résumé to.');
  if (record.resumes.length === RESUMES_PER_SLOT)
    throw new Error('This opportunity has as many résumés as the sandbox can hold.');
  const resumes = [...record.resumes, { number: record.resumes.length, at: state.now() }];
  state.touch({ ...record, resumes }, { type: 'opportunityUpdated', opportunity: record.slot });
  const id = recordId(state.seed, contact.index, 'contact');
  return change('add-resume', 'candidates', id, { application: recordId(state.seed, record.slot, 'opportunity') });
}

/** By the opportunity's id or its application's. */
function opportunityOf(state: LeverState, id: string): OpportunityRecord {
  const slot = indexOfId(state.seed, id, 'application');
  const record = state.findOpportunity(id) ?? (slot === undefined ? undefined : state.opportunity(slot));
  if (record === undefined) throw new Error(`There is no opportunity ${id}.`);
  return record;
}

function contactOf(state: LeverState, id: string): Contact {
  const contact = state.findContact(id) ?? state.contact(state.findOpportunity(id)?.contact ?? -1);
  if (contact.index < 0) throw new Error(`There is no contact ${id}.`);
  return contact;
}

function postingOf(state: LeverState, id: string): Posting {
  const posting = state.livePostings.find((one) => one.id === id);
  if (posting === undefined) throw new Error(`There is no posting ${id}.`);
  return posting;
}

function stageOf(state: LeverState, id: string): number {
  const stage = state.stages.findIndex((one) => one.id === id);
  if (stage < 0) throw new Error(`There is no stage ${id}.`);
  return stage;
}

function reasonOf(state: LeverState, id: string | undefined): number {
  const reason = id === undefined ? 1 : state.reasons.findIndex((one) => one.id === id);
  if (state.reasons[reason]?.type !== 'non-hired') throw new Error(`There is no reason ${id} to reject with.`);
  return reason;
}
