import type { ApiHandler, ApiReply, ApiRequest } from './api-request.js';
import { at } from './catalogue.js';
import { shape, type Expanders } from './expansion.js';
import { badRequest, forbidden, notFound } from './lever-error.js';
import { listReply, singleReply } from './list-reply.js';
import { confidentialityTest } from './opportunity-filter.js';
import { stageView } from './opportunity-routes.js';
import type { Posting } from './records.js';
import { timeRange, within, type RequestQuery } from './request-query.js';
import { alphabetically, inOrder, latestFirst, shortPage, type Compare, type Sortable } from './short-list.js';
import { sourceCounts, tagCounts } from './text-counts.js';
import type { View } from './views.js';

/** What `updated_at` cannot be combined with (Lever Data API docs, List all postings). */
const OTHER_POSTING_FILTERS = [
  'state',
  'distributionChannel',
  'group',
  'team',
  'department',
  'location',
  'commitment',
  'level',
  'tag',
];

/** GET /postings */
export const listPostings: ApiHandler = (request) => {
  const { account, query } = request;
  const shaped = postingShaper(request);
  const test = postingTest(query, request.mayReadConfidential);
  const rows = account.state.livePostings.filter(test).map((posting) => ({
    key: [posting.createdAt, posting.id],
    view: shaped(posting, account.views.posting(posting)),
  }));
  return paged(request, rows, ['number', 'string'], latestFirst);
};

/** GET /postings/:id */
export const getPosting: ApiHandler = (request) => {
  const { account } = request;
  const shaped = postingShaper(request);
  const posting = find(request, account.state.livePostings, 'postings');
  if (posting.confidential && !request.mayReadConfidential) throw forbidden('This posting is confidential');
  return singleReply(shaped(posting, account.views.posting(posting)));
};

const DAY_MS = 86_400_000;

/** GET /postings/deleted, for a limited time at once. */
export const listDeletedPostings: ApiHandler = (request) => {
  const { account, query } = request;
  const { state, settings, views } = account;
  const { start = -Infinity, end = Infinity } = timeRange(query, 'deleted_at') ?? {};
  const days = settings.deletedWindowDays;
  const until = Math.min(end, state.now());
  const earliest = days === null ? -Infinity : until - days * DAY_MS;
  if (query.has('deleted_at_start') && start < earliest)
    throw badRequest(`deleted_at_start and deleted_at_end can be ${days} days apart at most`);
  const mayBeSeen = confidentialityTest(query, request.mayReadConfidential);
  const rows = state.postingDeletions
    .filter(({ posting, at: time }) => time >= Math.max(start, earliest) && time <= end && mayBeSeen(posting))
    .map(({ posting, at: deletedAt, user }) => ({
      key: [deletedAt, posting.id],
      view: { ...views.posting(posting), deletedBy: views.userId(user), deletedAt },
    }));
  return paged(request, rows, ['number', 'string'], latestFirst);
};

/** GET /stages, in pipeline order */
export const listStages: ApiHandler = (request) => {
  const rows = request.account.state.stages.map((stage, index) => ({ key: [index, stage.id], view: stageView(stage) }));
  return plainPage(request, rows, ['number', 'string'], inOrder);
};

/** GET /stages/:id */
export const getStage: ApiHandler = (request) =>
  singleReply(stageView(find(request, request.account.state.stages, 'stages')));

/** GET /archive_reasons */
export const listArchiveReasons: ApiHandler = (request) => {
  const type = request.query.one('type');
  if (type !== undefined && type !== 'hired' && type !== 'non-hired')
    throw badRequest('type must be one of hired, non-hired');
  const wanted = request.account.state.reasons.filter((reason) => type === undefined || reason.type === type);
  const rows = wanted.map((reason, index) => ({ key: [index, reason.id], view: { ...reason } }));
  return plainPage(request, rows, ['number', 'string'], inOrder);
};

/** GET /archive_reasons/:id */
export const getArchiveReason: ApiHandler = (request) =>
  singleReply(find(request, request.account.state.reasons, 'archive_reasons'));

/** GET /users */
export const listUsers: ApiHandler = (request) => {
  const { account, query } = request;
  const [email, roles, withDeactivated] = [
    query.one('email'),
    query.all('accessRole'),
    query.flag('includeDeactivated') ?? false,
  ];
  const users = account.state.users.filter(
    (user) =>
      (withDeactivated || user.deactivatedAt === null) &&
      (email === undefined || user.email.toLowerCase() === email.toLowerCase()) &&
      (roles.length === 0 || roles.includes(user.accessRole)),
  );
  const rows = users.map((user) => ({ key: [user.createdAt, user.id], view: account.views.user(user) }));
  return plainPage(request, rows, ['number', 'string'], latestFirst);
};

/** GET /users/:id */
export const getUser: ApiHandler = (request) =>
  singleReply(request.account.views.user(find(request, request.account.state.users, 'users')));

/** GET /tags */
export const listTags: ApiHandler = (request) => textList(request, tagCounts(request.account.state));

/** GET /sources */
export const listSources: ApiHandler = (request) => textList(request, sourceCounts(request.account.state));

function textList(request: ApiRequest, counts: ReadonlyMap<string, number>): ApiReply {
  const rows = [...counts].map(([text, count]) => ({ key: [text], view: { count, text } }));
  return plainPage(request, rows, ['string'], alphabetically);
}

/** A page whose rows nothing can be expanded in. */
function plainPage(
  request: ApiRequest,
  rows: readonly Sortable[],
  token: readonly ('string' | 'number')[],
  compare: Compare,
): ApiReply {
  const shaped = shape<View>(request.query, {}, false);
  return paged(
    request,
    rows.map(({ key, view }) => ({ key, view: shaped(view, view) })),
    token,
    compare,
  );
}

function paged(
  request: ApiRequest,
  rows: readonly Sortable[],
  token: readonly ('string' | 'number')[],
  compare: Compare,
): ApiReply {
  const page = shortPage(rows, request.query, token, compare);
  return listReply(request, page.rows, page.next);
}

function find<Item extends { readonly id: string }>(
  request: ApiRequest,
  items: readonly Item[],
  resource: string,
): Item {
  const id = request.params['id'] ?? '';
  const item = items.find((one) => one.id === id);
  if (item === undefined) throw notFound(resource, id);
  return item;
}

function postingShaper({ account, query }: ApiRequest): (posting: Posting, view: View) => View {
  const { state, views } = account;
  const user = (index: number | null): View | null => (index === null ? null : views.user(at(state.users, index)));
  const expanders: Expanders<Posting> = {
    user: ({ owner }) => user(owner),
    owner: ({ owner }) => user(owner),
    hiringManager: ({ hiringManager }) => user(hiringManager),
    followers: ({ owner }) => [user(owner)],
  };
  return shape(query, expanders, account.settings.ignoreExpand);
}

function postingTest(query: RequestQuery, mayReadConfidential: boolean): (posting: Posting) => boolean {
  const updated = timeRange(query, 'updated_at');
  const other = OTHER_POSTING_FILTERS.find((name) => query.has(name));
  if (updated !== undefined && other !== undefined)
    throw badRequest(`updated_at filters cannot be combined with ${other}`);
  const mayBeSeen = confidentialityTest(query, mayReadConfidential);
  const oneOf = (name: string, value: string): boolean => !query.has(name) || query.all(name).includes(value);
  return (posting) =>
    mayBeSeen(posting) &&
    within(updated, posting.updatedAt) &&
    oneOf('state', posting.state) &&
    isDistributed(query, posting) &&
    oneOf('team', posting.team) &&
    oneOf('department', posting.department) &&
    oneOf('location', posting.location) &&
    oneOf('commitment', posting.commitment) &&
    !query.has('tag');
}

/** `state=published` alone means what is on the public job site; internal-only postings need both channels named. */
function isDistributed(query: RequestQuery, posting: Posting): boolean {
  const asked = query.all('distributionChannel');
  const channels = asked.length === 0 && query.has('state') && posting.state === 'published' ? ['public'] : asked;
  return channels.length === 0 || channels.some((channel) => posting.distributionChannels?.includes(channel) === true);
}
