import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { ConnectionSettings } from '../connections/connection-settings.js';
import { notConnected } from '../connections/credentials.js';
import { effectiveDirection, missingFieldScopes, specOf } from '../connections/effective-fields.js';
import { refuseSuspended } from '../connections/suspension.js';
import type { AtsProvider } from '../contract/ats-provider.js';
import type { CandidateRecord, JsonValue } from '../contract/records.js';
import { execute, query } from '../database/query.js';
import { writeEvents } from '../events/outbox.js';
import { readCandidate } from '../records/read-candidates.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { AtsError } from '../support/ats-error.js';
import { Clock } from '../support/clock.js';
import { fieldChangeViewOf } from './field-change-history.js';
import type { FieldChangeView } from './field-change-history.js';
import { labelOf } from './field-labels.js';
import { valueOf } from './field-values.js';
import { FieldWake } from './field-wake.js';
import { isCandidateField, parseFieldValues } from './parse-field-values.js';
import { supersedeUnsent } from './supersede-fields.js';

export interface FieldChangeRequest {
  readonly workspaceId: string;
  /** The library's id of the candidate, as `CandidateChange.id` gave it. */
  readonly candidateId: string;
  /**
   * New values by the name of the common record's field; a custom field is `customFields.<key>`. `emails` and `phones` are
   * whole lists of `{ value, type }`, where a type that is left out stays what it is; null empties a text, an empty list a list.
   */
  readonly changes: Readonly<Record<string, unknown>>;
  /** The host's user. */
  readonly actor: { readonly userId: string; readonly email: string | null };
}

interface CandidateRow {
  readonly tombstone: string | null;
  readonly anonymised: boolean;
  readonly remote_id: string;
  readonly connection_id: string;
  readonly provider: string;
  readonly epoch: number;
  readonly connection_status: string;
  readonly status_reason: string | null;
  readonly settings: ConnectionSettings;
  readonly scopes: readonly string[];
}

const MOST_FIELDS = 100;

/** Edits of candidates that somebody makes in the host, on their way to the ATS: asked for in the host's transaction, sent after it. */
@Injectable()
export class FieldChanges {
  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
    private readonly waking: FieldWake,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /**
   * Asks for an edit. With the host's `em` it stands or falls with the host's transaction: call it before you write your own
   * row of the candidate, since a page of a sync takes ours before yours. A field that was edited before and not sent yet
   * goes out with the newer value only.
   * @throws AtsError `not-found` (another workspace's too), `candidate-gone`, `read-only-field` when the ATS takes one of the
   * fields from nobody else or this connection is set so, `invalid-request` when a value has not the form of its field,
   * `not-connected`, `suspended`; nothing was written then
   */
  request(request: FieldChangeRequest, em: EntityManager = this.em.fork()): Promise<FieldChangeView> {
    return em.isInTransaction()
      ? this.#request(request, em)
      : em.transactional((inner) => this.#request(request, inner));
  }

  async #request(request: FieldChangeRequest, em: EntityManager): Promise<FieldChangeView> {
    const { workspaceId, candidateId, actor } = request;
    const candidate = await lockedCandidate(em, request);
    const record = await readCandidate(em, candidateId);
    if (record === null) throw candidateNotFound();
    const wanted = this.#possible(candidate, record, request.changes);
    const now = this.clock.now();
    const before = await supersedeUnsent(em, candidateId, Object.keys(wanted), now);
    const id = uuidv7();
    const { connection_id: connectionId, provider } = candidate;
    await execute(
      em,
      `insert into ats.field_changes (id, connection_id, workspace_id, epoch, candidate_id, candidate_remote_id, status, actor_user_id,
         actor_email, requested_at)
       values ($1, $2, $3, $4, $5, $6, 'pending', $7, $8, $9)`,
      [
        id,
        connectionId,
        workspaceId,
        candidate.epoch,
        candidateId,
        candidate.remote_id,
        actor.userId,
        actor.email,
        now,
      ],
    );
    const values = Object.entries(wanted).map(([field, value]) => ({
      field,
      // The host showed none of what was edited before where the ATS had it.
      seen: before.has(field) ? before.get(field) : valueOf(record, field),
      wanted: value,
    }));
    await execute(
      em,
      `insert into ats.field_change_values (change_id, field, seen, wanted)
       select $1, field, coalesce(seen, 'null'), coalesce(wanted, 'null') from jsonb_to_recordset($2::jsonb) as given(field text, seen jsonb, wanted jsonb)`,
      [id, JSON.stringify(values)],
    );
    await writeEvents(em, { workspaceId, connectionId, provider }, now, [
      { type: 'field-change.requested', changeId: id, candidateId, fields: Object.keys(wanted) },
    ]);
    this.waking.whenCommitted(em, candidateId);
    return fieldChangeViewOf(em, id);
  }

  /** The values as they are to be sent, when all of them may be. */
  #possible(
    candidate: CandidateRow,
    record: CandidateRecord,
    changes: FieldChangeRequest['changes'],
  ): Readonly<Record<string, JsonValue>> {
    const { provider } = this.registry.get(candidate.provider);
    const { name } = provider.manifest;
    if (candidate.tombstone !== null || candidate.anonymised) {
      throw new AtsError('candidate-gone', `${name} no longer has this candidate, so nothing of them can be edited.`);
    }
    refuseUnknown(Object.keys(changes));
    refuseReadOnly(provider, candidate, record, Object.keys(changes));
    refuseSuspended({ status: candidate.connection_status, status_reason: candidate.status_reason });
    // One that waits for a sign-in takes edits: they go out after it.
    if (!['active', 'reconnect_required'].includes(candidate.connection_status)) throw notConnected();
    return parseFieldValues(record, changes);
  }
}

function refuseUnknown(fields: readonly string[]): void {
  if (fields.length === 0 || fields.length > MOST_FIELDS) {
    throw new AtsError('invalid-request', `Name between one field and ${MOST_FIELDS} of them to edit.`);
  }
  const unknown = fields.filter((field) => !isCandidateField(field));
  if (unknown.length === 0) return;
  throw new AtsError('invalid-request', `A candidate has no such field to edit: ${quoted(unknown)}.`, {
    details: { fields: unknown },
  });
}

/** All of the edit or nothing: a half of it would be a candidate that nobody entered. */
function refuseReadOnly(
  provider: AtsProvider,
  connection: CandidateRow,
  record: CandidateRecord,
  fields: readonly string[],
): void {
  const locked = fields.filter(
    (field) => effectiveDirection(provider, connection, 'candidate', field) !== 'bidirectional',
  );
  if (locked.length === 0) return;
  const { name } = provider.manifest;
  const names = locked.map((field) => `"${labelOf(provider, record, field)}"`).join(', ');
  const isOne = locked.length === 1;
  const [comes, it] = isOne ? ['comes', 'it'] : ['come', 'them'];
  const missing = missingFieldScopes(provider, connection, 'candidate');
  const isTaken = (field: string): boolean => specOf(provider, 'candidate', field)?.direction === 'bidirectional';
  let why = `${name} does not take ${it} from Elly`;
  if (provider.fieldChanges !== undefined && locked.every(isTaken)) {
    why =
      missing.length > 0
        ? `this connection may not write ${it}: an admin would have to reconnect ${name} and allow ${missing.join(', ')}`
        : `this connection is set to leave ${it} alone`;
  }
  throw new AtsError(
    'read-only-field',
    `${names} of this candidate ${comes} from ${name}, and ${why}. Edit ${it} in ${name}: the next sync brings ${it} here.`,
    { details: { fields: locked, provider: connection.provider } },
  );
}

const quoted = (fields: readonly string[]): string => fields.map((field) => `"${field.slice(0, 100)}"`).join(', ');

const candidateNotFound = (): AtsError => new AtsError('not-found', 'There is no such candidate in this workspace.');

/** @throws AtsError `not-found` */
async function lockedCandidate(em: EntityManager, request: FieldChangeRequest): Promise<CandidateRow> {
  const [row] = await query<CandidateRow>(
    em,
    `select t.tombstone, t.anonymised, t.remote_id, t.connection_id, c.provider, c.epoch, c.status as connection_status,
       c.status_reason, c.settings, c.scopes
     from ats.candidates t join ats.connections c on c.id = t.connection_id
     where t.id = $1 and c.workspace_id = $2 for no key update of t`,
    [request.candidateId, request.workspaceId],
  );
  if (row === undefined) throw candidateNotFound();
  return row;
}
