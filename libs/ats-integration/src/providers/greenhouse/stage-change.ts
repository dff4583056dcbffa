import { z } from 'zod';
import type {
  ApplicationRef,
  ApplicationState,
  JsonValue,
  Move,
  MoveKind,
  MoveReason,
  StageChangeCapability,
} from '../../contract.js';
import { ProviderFault } from '../../contract.js';
import type { GreenhouseApplication } from './api.schemas.js';
import { applicationSchema, namedSchema, openingSchema, rejectionDetailSchema } from './api.schemas.js';
import type { GreenhouseConfig } from './config.schema.js';
import type { WriteWords } from './faults.js';
import { writeOnce } from './faults.js';
import { choosePresent, lacksStage, toApplication } from './normalise.js';
import type { GreenhouseContext } from './paging.js';
import { fetchAll, fetchAllIfAllowed, fetchRow, harvestId, listsOf, mayList, unexpected } from './paging.js';
import { presentStages } from './sync.applications.js';

const SCOPES: Readonly<Record<MoveKind, readonly string[]>> = {
  stage: ['harvest:applications:move'],
  // Without a reason nobody is rejected, and without its list nobody can choose one.
  reject: ['harvest:applications:reject', 'harvest:rejection_reasons:list'],
  unreject: ['harvest:applications:unreject'],
  hire: ['harvest:applications:hire'],
};

/**
 * Harvest v3 docs, Applications. Every write answers 204 without a body, and none takes an idempotency key: what became of it
 * is read. A move fires the stage's transition rules in Greenhouse, e-mails to the candidate included; a rejection sends none.
 */
export const stageChanges: StageChangeCapability<GreenhouseConfig> = {
  moves: ['stage', 'reject', 'unreject', 'hire'],
  scopes: SCOPES,
  actsAs: 'token',
  read,
  send,
  reasons,
};

const guardSchema = z.object({ jobStage: z.string().nullable(), applicationStage: z.string().nullable() });

async function read(context: GreenhouseContext, { remoteId }: ApplicationRef): Promise<ApplicationState | null> {
  const row = await fetchRow(context, { path: '/applications', query: {}, what: 'applications' }, remoteId);
  if (row === null) return null;
  const parsed = applicationSchema.safeParse(row);
  if (!parsed.success) throw unexpected('applications', 'the application itself cannot be read');
  const application = parsed.data;
  const [rows, reasonRemoteId] = await Promise.all([
    lacksStage(application) ? presentStages(context, [application]) : null,
    reasonOf(context, application),
  ]);
  const present = choosePresent(application, rows?.get(remoteId) ?? []);
  const { status, stageRemoteId, stageName, jobRemoteId, updatedAt } = toApplication(application, {
    present,
    source: null,
  });
  const guard = { jobStage: stageRemoteId, applicationStage: application.stage_id ?? present?.id ?? null };
  return { status, stageRemoteId, stageName, jobRemoteId, reasonRemoteId, updatedAt, guard };
}

/** Harvest v3 docs, List rejection details: the reason is in a list of its own. */
async function reasonOf(context: GreenhouseContext, application: GreenhouseApplication): Promise<string | null> {
  const list = { path: '/rejection_details', query: {}, what: 'rejection details' };
  if (application.status !== 'rejected' || !mayList(context, list)) return null;
  const rows = await fetchAllIfAllowed(context, listsOf(list, 'application_ids', [application.id]));
  const details = rows.flatMap((row) => rejectionDetailSchema.safeParse(row).data ?? []);
  const [last] = details.sort((one, two) => (two.rejected_at?.getTime() ?? 0) - (one.rejected_at?.getTime() ?? 0));
  return last?.rejection_reason_id ?? null;
}

async function send(
  context: GreenhouseContext,
  application: ApplicationRef,
  from: ApplicationState,
  move: Move,
): Promise<void> {
  const id = harvestId(application.remoteId, 'the application');
  const json = await bodyOf(context, application, from, move);
  await writeOnce(context, { method: 'POST', path: `/applications/${id}/${VERBS[move.kind]}`, json }, WORDS[move.kind]);
}

const VERBS: Readonly<Record<MoveKind, string>> = {
  stage: 'move',
  reject: 'reject',
  unreject: 'unreject',
  hire: 'hire',
};

async function bodyOf(
  context: GreenhouseContext,
  application: ApplicationRef,
  from: ApplicationState,
  move: Move,
): Promise<JsonValue> {
  switch (move.kind) {
    case 'stage':
      return {
        from_stage_id: harvestId(stageBefore(context.config, from), 'the present stage'),
        to_stage_id: harvestId(move.stageRemoteId, 'the new stage'),
      };
    case 'reject': {
      const { reasonRemoteId: reason, note } = move;
      if (reason === null) throw refuse('Greenhouse rejects only with a reason. Choose one and reject again.');
      return {
        rejection_reason_id: harvestId(reason, 'the reason'),
        ...(note === null || note === '' ? {} : { notes: note }),
      };
    }
    case 'unreject':
      return {};
    case 'hire': {
      const opening = await openingFor(context, application, from.jobRemoteId ?? application.jobRemoteId);
      return {
        ...(move.startsOn === null ? {} : { start_date: startOf(move.startsOn) }),
        ...(opening === null ? {} : { opening_id: harvestId(opening, 'the opening') }),
        ...(move.reasonRemoteId === null ? {} : { close_reason_id: harvestId(move.reasonRemoteId, 'the reason') }),
      };
    }
  }
}

/** The guard of the move: Greenhouse refuses it when the application has left this stage meanwhile. */
function stageBefore({ moveFromStage }: GreenhouseConfig, { guard }: ApplicationState): string {
  const parsed = guardSchema.safeParse(guard);
  if (!parsed.success) throw unexpected('applications', 'what was read of the application before cannot be read again');
  const stage = moveFromStage === 'job-stage' ? parsed.data.jobStage : parsed.data.applicationStage;
  if (stage !== null) return stage;
  throw refuse(
    'The application is in no stage in Greenhouse (it is rejected, hired or a prospect), so it cannot be moved from there. Look at it in Greenhouse.',
  );
}

/** Greenhouse wants a moment where it means a day. */
function startOf(day: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(day)) return `${day}T00:00:00Z`;
  throw refuse('The first day of work is no day. Give it as year, month and day, such as 2026-05-04.');
}

/**
 * Harvest v3 docs, List openings and Hire: null where Greenhouse finds the opening by itself. With several open ones it has to be
 * told, and which one a hire fills is for a person to say unless the options say otherwise.
 */
async function openingFor(
  context: GreenhouseContext,
  { remoteId }: ApplicationRef,
  jobRemoteId: string | null,
): Promise<string | null> {
  const list = { path: '/openings', query: { open: true }, what: 'openings' };
  if (jobRemoteId === null || !mayList(context, list)) return null;
  const rows = await fetchAllIfAllowed(context, listsOf(list, 'job_ids', [jobRemoteId]));
  const open = rows.flatMap((row) => openingSchema.safeParse(row).data ?? []).filter((row) => row.open !== false);
  const own = open.find((row) => row.application_id === remoteId);
  if (own !== undefined || open.length < 2) return own?.id ?? null;
  if (context.config.openingOnHire === 'refuse') {
    throw refuse(
      `The job has ${open.length} open openings in Greenhouse, and which of them the hire fills is for a person to say. Hire in Greenhouse; the hire arrives here by itself. To have the first one taken, an administrator sets openingOnHire in the options of Greenhouse.`,
    );
  }
  const order = (row: (typeof open)[number]): number => row.sort_order ?? Number.MAX_SAFE_INTEGER;
  const [first] = open.sort((one, two) => order(one) - order(two) || Number(one.id) - Number(two.id));
  return first?.id ?? null;
}

/** Harvest v3 docs, List rejection reasons. The list has only the organisation's own unless it is asked for Greenhouse's too. */
async function reasons(context: GreenhouseContext): Promise<readonly MoveReason[]> {
  const list = { path: '/rejection_reasons', query: { include_defaults: true }, what: 'rejection reasons' };
  const found = new Map<string, MoveReason>();
  for (const row of await fetchAll(context, [list])) {
    const { id, name } = namedSchema.safeParse(row).data ?? { id: '', name: null };
    if (name !== null) found.set(id, { remoteId: id, name, of: 'reject' });
  }
  return [...found.values()];
}

const GONE = 'Greenhouse no longer has this application, or does not show it to this connection. Look for it there.';
const LOOK = 'Look at it in Greenhouse and try again from where it is.';

const WORDS: Readonly<Record<MoveKind, WriteWords>> = {
  stage: {
    what: 'move the application',
    scopes: SCOPES.stage,
    refused: `It is no longer in the stage from which it was to be moved, or the new stage is not an active one of its job. ${LOOK} If every move is refused, an administrator sets moveFromStage in the options of Greenhouse to its other value.`,
    gone: GONE,
  },
  reject: {
    what: 'reject the application',
    scopes: SCOPES.reject,
    refused: `It is already rejected or hired, the reason is no longer to be had, or Greenhouse asks more questions about a rejection. ${LOOK}`,
    gone: GONE,
  },
  unreject: {
    what: 'take the rejection back',
    scopes: SCOPES.unreject,
    refused: `The application is not rejected any more, or its job takes nobody back. ${LOOK}`,
    gone: GONE,
  },
  hire: {
    what: 'hire for this application',
    scopes: SCOPES.hire,
    refused: `It is already hired or rejected, it is a prospect, or its job has no open opening or several. ${LOOK}`,
    gone: GONE,
  },
};

const refuse = (sentence: string): ProviderFault => new ProviderFault('invalid-request', sentence);
