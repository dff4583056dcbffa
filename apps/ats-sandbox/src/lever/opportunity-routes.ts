import type { ApiHandler, ApiRequest } from './api-request.js';
import { at } from './catalogue.js';
import { shape, type Expanders } from './expansion.js';
import { forbidden, notFound } from './lever-error.js';
import { listReply, singleReply } from './list-reply.js';
import { confidentialityTest, opportunityFilter } from './opportunity-filter.js';
import { opportunityPage } from './opportunity-list.js';
import { recordId } from './record-ids.js';
import type { OpportunityRecord } from './records.js';
import { timeRange, within } from './request-query.js';
import { findResume, resumeFile, resumeView } from './resume-files.js';
import { latestFirst, shortPage } from './short-list.js';
import type { View } from './views.js';

type Shaper = (record: OpportunityRecord, view: View) => View;

/** GET /opportunities */
export const listOpportunities: ApiHandler = (request) => {
  const { account, query } = request;
  const { limit } = query;
  const shaped = opportunityShaper(request);
  const filter = opportunityFilter(
    account.state,
    query,
    request.mayReadConfidential,
    account.settings.lateVisibilityMs,
  );
  const page = opportunityPage(account.state, account.order, filter, query.one('offset'), limit);
  return listReply(
    request,
    page.records.map((record) => shaped(record, account.views.opportunity(record))),
    page.next,
  );
};

/** GET /opportunities/:id */
export const getOpportunity: ApiHandler = (request) => {
  const shaped = opportunityShaper(request);
  const record = requireOpportunity(request);
  return singleReply(shaped(record, request.account.views.opportunity(record)));
};

/** GET /opportunities/deleted */
export const listDeletedOpportunities: ApiHandler = (request) => deletedList(request, 'opportunity');

/** GET /applications/deleted */
export const listDeletedApplications: ApiHandler = (request) => deletedList(request, 'application');

/** GET /opportunities/:id/applications */
export const listApplications: ApiHandler = (request) => {
  const shaped = applicationShaper(request);
  const record = requireOpportunity(request);
  return listReply(request, record.posting < 0 ? [] : [shaped(record, request.account.views.application(record))]);
};

/** GET /opportunities/:id/applications/:application */
export const getApplication: ApiHandler = (request) => {
  const shaped = applicationShaper(request);
  const record = requireOpportunity(request);
  const id = request.params['application'] ?? '';
  const exists = record.posting >= 0 && recordId(request.account.state.seed, record.slot, 'application') === id;
  if (!exists) throw notFound('applications', id);
  return singleReply(shaped(record, request.account.views.application(record)));
};

/** GET /opportunities/:id/resumes */
export const listResumes: ApiHandler = (request) => {
  const { account, query } = request;
  const record = requireOpportunity(request);
  if (record.resumes.length === 0 && account.settings.resumesMissing === '404')
    throw notFound('resumes', request.params['id'] ?? '');
  const uploaded = timeRange(query, 'uploaded_at');
  const resumes = record.resumes.filter((resume) => within(uploaded, resume.at));
  return listReply(
    request,
    resumes.map((resume) => resumeView(account.state, record, resume)),
  );
};

/** GET /opportunities/:id/resumes/:resume */
export const getResume: ApiHandler = (request) => {
  const [record, resume] = requireResume(request);
  return singleReply(resumeView(request.account.state, record, resume));
};

/** GET /opportunities/:id/resumes/:resume/download */
export const downloadResume: ApiHandler = (request) => {
  const [record, resume] = requireResume(request);
  return { file: resumeFile(request.account.state, record, resume), contentType: 'application/pdf' };
};

/** GET /opportunities/:id/files */
export const listFiles: ApiHandler = (request) => {
  requireOpportunity(request);
  return listReply(request, []);
};

/** GET /contacts/:id */
export const getContact: ApiHandler = (request) => {
  const { state, views } = request.account;
  const id = request.params['id'] ?? '';
  const contact = state.findContact(id);
  if (contact === undefined) throw notFound('contacts', id);
  const visible = state.slotsOf(contact.index).some((slot) => state.row(slot)?.confidential === false);
  if (!visible && !request.mayReadConfidential) throw forbidden('This contact is confidential');
  return singleReply(views.contact(contact));
};

/** The opportunity that a path names, if the grant may see it. */
export function requireOpportunity(request: ApiRequest): OpportunityRecord {
  const { state, settings } = request.account;
  const id = request.params['id'] ?? '';
  const record = state.findOpportunity(id);
  const late =
    record !== undefined &&
    record.slot >= state.generator.slots &&
    record.createdAt > state.now() - settings.lateVisibilityMs;
  if (record === undefined || (late && settings.lateVisibilityMs > 0)) throw notFound('opportunities', id);
  if (record.confidential && !request.mayReadConfidential) throw forbidden('This opportunity is confidential');
  return record;
}

/** Applies a request's `expand` and `include` to opportunities. */
export function opportunityShaper({ account, query }: ApiRequest): Shaper {
  const { state, views } = account;
  const user = (index: number | null): View | null => (index === null ? null : views.user(at(state.users, index)));
  const expanders: Expanders<OpportunityRecord> = {
    applications: (record) => (record.posting < 0 ? [] : [views.application(record)]),
    stage: (record) => stageView(at(state.stages, record.stage)),
    owner: (record) => user(record.owner),
    followers: (record) => record.followers.map(user),
    sourcedBy: (record) => user(record.sourcedBy),
    contact: (record) => views.contact(state.contact(record.contact)),
  };
  return shape(query, expanders, account.settings.ignoreExpand);
}

function applicationShaper({ account, query }: ApiRequest): Shaper {
  const { state, views } = account;
  const user = (id: unknown): View | null =>
    state.users.filter((one) => one.id === id).map((one) => views.user(one))[0] ?? null;
  const expanders: Expanders<OpportunityRecord> = {
    posting: (record) => views.posting(state.posting(record.posting)),
    postingOwner: (_record, view) => user(view['postingOwner']),
    postingHiringManager: (_record, view) => user(view['postingHiringManager']),
    user: (_record, view) => user(view['user']),
  };
  return shape(query, expanders, account.settings.ignoreExpand);
}

function requireResume(
  request: ApiRequest,
): readonly [OpportunityRecord, { readonly number: number; readonly at: number }] {
  const record = requireOpportunity(request);
  const id = request.params['resume'] ?? '';
  const resume = findResume(request.account.state, record, id);
  if (resume === undefined) throw notFound('resumes', id);
  return [record, resume];
}

function deletedList(request: ApiRequest, kind: 'opportunity' | 'application'): ReturnType<ApiHandler> {
  const { account, query } = request;
  const range = timeRange(query, 'deleted_at');
  const mayBeSeen = confidentialityTest(query, request.mayReadConfidential);
  const rows = account.state.deletions
    .filter(
      ({ record, at: time }) =>
        within(range, time) && mayBeSeen(record) && (kind === 'opportunity' || record.posting >= 0),
    )
    .map(({ record, at: deletedAt, user }) => ({
      key: [deletedAt, recordId(account.state.seed, record.slot, kind)],
      view: { ...account.views[kind](record), deletedBy: account.views.userId(user), deletedAt },
    }));
  const page = shortPage(rows, query, ['number', 'string'], latestFirst);
  return listReply(request, page.rows, page.next);
}

/** A stage as the API shows it; its rank is not public. */
export function stageView(stage: { readonly id: string; readonly text: string }): View {
  return { id: stage.id, text: stage.text };
}
