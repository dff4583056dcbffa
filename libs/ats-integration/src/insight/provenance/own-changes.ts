import type { EntityManager } from '@mikro-orm/postgresql';
import type { RecordKind } from '../../contract/records.js';
import { query } from '../../database/query.js';

/** A change that somebody made in Elly and that the ATS has. */
export interface OwnChange {
  readonly kind: 'stage-change' | 'field-change';
  readonly id: string | null;
  /** Columns of the record that it set. */
  readonly fields: readonly string[];
  readonly actorUserId: string;
  readonly confirmed: boolean;
  readonly sentAt: Date;
  readonly settledAt: Date;
}

/** What a move sets, whichever way it went: the ATS shows these together. */
const MOVED = ['stage_remote_id', 'stage_name', 'status', 'status_reason', 'stage_changed_at'];
/** The database's clock and ours are not one. */
const SKEW_MS = 5_000;

/** Newest first. */
export async function readOwnChanges(em: EntityManager, kind: RecordKind, id: string): Promise<readonly OwnChange[]> {
  if (kind === 'application') return ownStageChanges(em, id);
  return kind === 'candidate' ? ownFieldChanges(em, id) : [];
}

async function ownStageChanges(em: EntityManager, applicationId: string): Promise<OwnChange[]> {
  const rows = await query<Omit<OwnChange, 'kind' | 'fields'>>(
    em,
    `select id, actor_user_id as "actorUserId", status = 'confirmed' as confirmed, coalesce(sent_at, requested_at) as "sentAt",
       settled_at as "settledAt"
     from ats.stage_changes where application_id = $1 and settled_at is not null order by settled_at desc, nth desc`,
    [applicationId],
    ['sentAt', 'settledAt'],
  );
  return rows.map((row) => ({ ...row, kind: 'stage-change', fields: MOVED }));
}

/** Changes of a candidate's fields; none while there is no table of them. */
async function ownFieldChanges(em: EntityManager, candidateId: string): Promise<OwnChange[]> {
  const [table] = await query<{ there: boolean }>(
    em,
    `select to_regclass('ats.field_change_values') is not null as there`,
  );
  if (table?.there !== true) return [];
  const rows = await query<Omit<OwnChange, 'kind' | 'fields'> & { field: string }>(
    em,
    `select c.id, v.field, c.actor_user_id as "actorUserId", v.status = 'confirmed' as confirmed,
       coalesce(c.sent_at, c.requested_at) as "sentAt", c.settled_at as "settledAt"
     from ats.field_changes c join ats.field_change_values v on v.change_id = c.id
     where c.candidate_id = $1 and c.settled_at is not null order by c.settled_at desc`,
    [candidateId],
    ['sentAt', 'settledAt'],
  );
  return rows.map(({ field, ...row }) => ({ ...row, kind: 'field-change', fields: [columnOf(field)] }));
}

/** `firstName` is kept in `first_name`, and a single custom field with all of them. */
function columnOf(field: string): string {
  const [name = field] = field.split('.');
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * The change that a value goes back to: it was on its way, or just confirmed, when the value was learnt. A page may
 * show our write before it is read back.
 */
export function changeBehind(
  changes: readonly OwnChange[],
  field: string,
  learntAt: Date,
  readBack: boolean,
): OwnChange | undefined {
  return changes.find(
    (change) =>
      change.fields.includes(field) &&
      (change.confirmed || readBack) &&
      change.sentAt.getTime() - SKEW_MS <= learntAt.getTime() &&
      learntAt.getTime() <= change.settledAt.getTime() + SKEW_MS,
  );
}
