import type {
  ApplicationRef,
  ApplicationState,
  JsonValue,
  Move,
  MoveReason,
  ProviderRequest,
  StageChangeCapability,
} from '../../contract.js';
import { ProviderFault } from '../../contract.js';
import { opportunityStateSchema, singleBodySchema } from './api.schemas.js';
import type { LeverConfig } from './config.schema.js';
import { CONFIDENTIAL_SCOPE, WRITE_SCOPES } from './manifest.js';
import { lastChange, statusOf } from './normalise.js';
import type { LeverContext } from './paging.js';
import { unexpected } from './paging.js';
import { fetchArchiveReasons } from './sync.archive-reasons.js';

/**
 * Moves of an opportunity. Nothing is taken from the answers: Lever shows the person's fields empty in them although the
 * person has them, so what became of a move is read again.
 */
export const stageChanges: StageChangeCapability<LeverConfig> = {
  moves: ['stage', 'reject', 'unreject', 'hire'],
  scopes: {
    stage: [WRITE_SCOPES.opportunities],
    reject: [WRITE_SCOPES.opportunities, 'archive_reasons:read:admin'],
    unreject: [WRITE_SCOPES.opportunities],
    hire: [WRITE_SCOPES.opportunities, 'archive_reasons:read:admin'],
  },
  actsAs: 'parameter',
  read,
  send,
  reasons,
};

/** Lever Data API docs, Retrieve a single opportunity. */
async function read(context: LeverContext, { remoteId }: ApplicationRef): Promise<ApplicationState | null> {
  const body = await readOpportunity(context, remoteId);
  if (body === null) return null;
  const single = singleBodySchema.safeParse(body);
  const parsed = single.success ? opportunityStateSchema.safeParse(single.data.data) : null;
  if (parsed?.success !== true) throw unexpected({ what: 'opportunities' }, 'the opportunity itself cannot be read');
  const { stage, archived, applications } = parsed.data;
  return {
    status: statusOf(parsed.data, archived === null ? new Map() : await fetchArchiveReasons(context)),
    // An archived opportunity keeps its stage, and a move while it is archived changes that stage and nothing else.
    stageRemoteId: stage?.id ?? null,
    stageName: stage?.name ?? null,
    jobRemoteId: applications[0]?.posting ?? null,
    reasonRemoteId: archived?.reason ?? null,
    updatedAt: lastChange(parsed.data),
    // Lever has no write that is made only if nothing changed meanwhile.
    guard: null,
  };
}

async function readOpportunity({ http, scopes }: LeverContext, id: string): Promise<unknown> {
  try {
    const query = { expand: ['applications', 'stage'] };
    const { status, body } = await http.request({ path: pathOf(id), query, accept: [404] });
    return status === 404 ? null : body;
  } catch (error) {
    // Without the grant for confidential data Lever refuses to show a confidential opportunity at all.
    const hidden = error instanceof ProviderFault && error.code === 'forbidden-scope';
    if (hidden && !scopes.includes(CONFIDENTIAL_SCOPE)) return null;
    throw error;
  }
}

async function send(
  context: LeverContext,
  { remoteId }: ApplicationRef,
  _from: ApplicationState,
  move: Move,
  actorRemoteId: string | null,
): Promise<void> {
  const { path, json } = await writeOf(context, move);
  const { status, body } = await context.http.request({
    method: 'PUT',
    path: pathOf(remoteId) + path,
    // In the query: that is where Lever's documents have it.
    query: { perform_as: actorRemoteId ?? undefined },
    json,
    accept: [404],
  });
  if (status === 404) throw unknownTo(body);
}

async function writeOf(
  context: LeverContext,
  move: Move,
): Promise<Required<Pick<ProviderRequest, 'path'>> & { readonly json: JsonValue }> {
  switch (move.kind) {
    case 'stage':
      return { path: '/stage', json: { stage: move.stageRemoteId } };
    case 'reject':
      return { path: '/archived', json: { reason: await reasonOf(context, 'reject', move.reasonRemoteId) } };
    case 'unreject':
      // Only an explicit null takes it out of the archive: without it Lever answers 200 and does nothing.
      return { path: '/archived', json: { reason: null } };
    case 'hire':
      return { path: '/archived', json: { reason: await reasonOf(context, 'hire', move.reasonRemoteId) } };
  }
}

/** Rejecting and hiring are one request of Lever's: the reason's type alone tells them apart, so it is made sure of. */
async function reasonOf(context: LeverContext, of: MoveReason['of'], wanted: string | null): Promise<string> {
  const known = await reasons(context);
  const [first] = known.filter((reason) => reason.of === of);
  if (wanted === null) {
    // Every account has a reason to hire with; to reject with there are many, and none is meant when none is named.
    if (of === 'hire' && first !== undefined) return first.remoteId;
    throw new ProviderFault(
      'invalid-request',
      of === 'hire'
        ? 'Lever has no active archive reason of type "hired", so nobody can be hired. A Lever Super Admin must switch one on.'
        : 'Lever archives a candidate only with a reason. Choose one of its archive reasons and ask again.',
    );
  }
  if (known.some((reason) => reason.remoteId === wanted && reason.of === of)) return wanted;
  const other = known.some((reason) => reason.remoteId === wanted);
  throw new ProviderFault(
    'invalid-request',
    other
      ? `The archive reason means the opposite in Lever: with it the candidate would be ${of === 'hire' ? 'rejected' : 'hired'}. Choose another one and ask again.`
      : 'Lever no longer has this archive reason, or it was switched off. Choose another one and ask again.',
  );
}

/** Lever Data API docs, List all archive reasons: those that can still be chosen. */
async function reasons(context: LeverContext): Promise<readonly MoveReason[]> {
  const known = [...(await fetchArchiveReasons(context)).values()];
  return known
    .filter(({ status }) => status !== 'inactive')
    .map(({ id, text, type }) => ({ remoteId: id, name: text ?? id, of: type === 'hired' ? 'hire' : 'reject' }));
}

const UNKNOWN: Readonly<Record<string, string>> = {
  stages: 'Lever no longer has this stage. Look at the stage mapping and choose another one.',
  archive_reasons: 'Lever no longer has this archive reason. Choose another one and ask again.',
  users: 'The user in whose name the change was to be made is not known to Lever. Set another acting Lever user.',
};

/** Lever answers 404 for whatever it does not know, and names the kind of it: "stages 42 was not found". */
function unknownTo(body: unknown): ProviderFault {
  const message: unknown = typeof body === 'object' && body !== null && 'message' in body ? body.message : null;
  const what = typeof message === 'string' ? /^(stages|archive_reasons|users)\b/.exec(message)?.[1] : undefined;
  const sentence = what === undefined ? undefined : UNKNOWN[what];
  return sentence === undefined
    ? new ProviderFault('not-found', 'Lever no longer has this opportunity: it was deleted there.', { status: 404 })
    : new ProviderFault('invalid-request', sentence, { status: 404 });
}

const pathOf = (id: string): string => `/opportunities/${encodeURIComponent(id)}`;
