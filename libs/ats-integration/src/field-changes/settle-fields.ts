import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { CandidateRecord } from '../contract/records.js';
import { execute, query } from '../database/query.js';
import { writeEvents } from '../events/outbox.js';
import { batchOf } from '../host/batch-of.js';
import { HiringPipeline } from '../host/hiring-pipeline.port.js';
import type { CandidateChange } from '../host/hiring-pipeline.port.js';
import type { AttemptOutcome } from '../outbound/attempts.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { Clock } from '../support/clock.js';
import { statusFrom } from './field-change-status.js';
import type { FieldOutcome } from './field-change-status.js';
import { FieldClaims, holdEdit } from './field-claims.js';
import type { ClaimedEdit } from './field-claims.js';
import { endFieldAttempt } from './field-attempts.js';
import { EDITED_AGAIN } from './supersede-fields.js';
import { keepOpenEdits } from './open-fields.js';
import { rebaseNewer, storeFields } from './store-fields.js';

/** As much of an edit as settling it needs; one that nobody can claim any more is settled too. */
export type SettledEdit = Pick<ClaimedEdit, 'id' | 'candidate'> & {
  readonly connection: { readonly id: string; readonly workspaceId: string; readonly provider: string };
};

export interface SettledField {
  readonly field: string;
  readonly status: FieldOutcome;
  readonly code: string | null;
  /** For the person who edited it; null when there is nothing to say. */
  readonly reason: string | null;
}

export interface FieldSettlement {
  readonly fields: readonly SettledField[];
  /** What the ATS shows now; null when it could not be asked. */
  readonly shown: CandidateRecord | null;
  /** The attempt that ends with it. */
  readonly attempt: { readonly id: string; readonly outcome: AttemptOutcome } | null;
}

/**
 * Ends fields of an edit, and the edit with the last of them: what the ATS shows, the host's candidate and the event land
 * together or not at all. What did not come about puts the host's candidate right again and says why.
 */
@Injectable()
export class SettleFields {
  constructor(
    private readonly em: EntityManager,
    private readonly claims: FieldClaims,
    private readonly registry: ProviderRegistry,
    @Inject(HiringPipeline) private readonly pipeline: HiringPipeline,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws ChangeLost when it is no longer ours; nothing was written then. */
  async settle(edit: ClaimedEdit, settlement: FieldSettlement): Promise<void> {
    await this.em.fork().transactional(async (em) => {
      await lockCandidate(em, edit.candidate.id);
      await holdEdit(em, edit, this.claims.leaseMs);
      await this.finish(em, edit, settlement);
    });
    const settled = new Set(settlement.fields.map(({ field }) => field));
    edit.fields = edit.fields.filter(({ field }) => !settled.has(field));
  }

  /** In the caller's transaction, which holds the candidate's row and the edit. */
  async finish(em: EntityManager, edit: SettledEdit, { fields, shown, attempt }: FieldSettlement): Promise<void> {
    const now = this.clock.now();
    if (attempt !== null) await endFieldAttempt(em, attempt.id, attempt.outcome, now);
    await execute(
      em,
      `update ats.field_change_values v set status = given.status, reason_code = given.code, reason = given.reason, seen = null, wanted = null
       from jsonb_to_recordset($2::jsonb) as given(field text, status text, code text, reason text)
       where v.change_id = $1 and v.field = given.field and v.status = 'open'`,
      [edit.id, JSON.stringify(fields)],
    );
    const names = fields.map(({ field }) => field);
    if (shown !== null) await rebaseNewer(em, edit, confirmed(fields), shown);
    await this.#deliver(em, edit, { names, shown, correction: correctionOf(fields) });
    await this.#end(em, edit, now);
  }

  async #deliver(
    em: EntityManager,
    { candidate, connection }: SettledEdit,
    told: {
      readonly names: readonly string[];
      readonly shown: CandidateRecord | null;
      readonly correction: CandidateChange['correction'];
    },
  ): Promise<void> {
    const stored = await storeFields(em, connection.id, candidate.id, told.names, told.shown);
    if (stored === null) return;
    const { manifest } = this.registry.get(connection.provider).provider;
    const change: CandidateChange = { id: candidate.id, created: false, record: stored, correction: told.correction };
    // What was edited since, or is still on its way, stays as the host has it.
    const candidates = await keepOpenEdits(em, [change]);
    await this.pipeline.apply(batchOf(connection, manifest, { candidates }), em);
  }

  /** The edit is over with its last field. */
  async #end(em: EntityManager, edit: SettledEdit, now: Date): Promise<void> {
    const rows = await query<Omit<SettledField, 'status'> & { status: 'open' | FieldOutcome }>(
      em,
      `select field, status, reason_code as code, reason from ats.field_change_values where change_id = $1 order by field`,
      [edit.id],
    );
    if (rows.some(({ status }) => status === 'open')) return;
    const fields = rows as SettledField[];
    const status = statusFrom(fields.map((one) => one.status));
    const worst = fields.filter((one) => one.status === status && one.reason !== null);
    const code = worst[0]?.code ?? null;
    const reason = worst.length === 0 ? null : sentences(worst);
    await execute(
      em,
      `update ats.field_changes set status = $2, reason_code = $3, reason = $4, settled_at = $5, lease_until = null, not_before = null
       where id = $1`,
      [edit.id, status, code, reason, now],
    );
    const about = { changeId: edit.id, candidateId: edit.candidate.id, fields: fields.map(({ field }) => field) };
    const { id: connectionId, workspaceId, provider } = edit.connection;
    await writeEvents(em, { workspaceId, connectionId, provider }, now, [
      status === 'confirmed'
        ? { type: 'field-change.confirmed', ...about }
        : { type: `field-change.${status}`, ...about, code: code ?? status, reason: reason ?? '' },
    ]);
  }
}

function confirmed(fields: readonly SettledField[]): string[] {
  return fields.filter(({ status }) => status === 'confirmed').map(({ field }) => field);
}

function correctionOf(fields: readonly SettledField[]): CandidateChange['correction'] {
  const wrong = fields.filter(({ status, code }) => status !== 'confirmed' && code !== EDITED_AGAIN);
  return wrong.length === 0 ? null : { message: sentences(wrong), fields: wrong.map(({ field }) => field) };
}

function sentences(fields: readonly SettledField[]): string {
  return [...new Set(fields.flatMap(({ reason }) => reason ?? []))].join(' ');
}

/** The candidate before its edits, always, and both before the host's own rows: whoever asks for an edit does so too. */
export async function lockCandidate(em: EntityManager, candidateId: string): Promise<void> {
  await query(em, `select 1 from ats.candidates where id = $1 for no key update`, [candidateId]);
}
