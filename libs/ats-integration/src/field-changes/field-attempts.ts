import { randomUUID } from 'node:crypto';
import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { CandidateRecord } from '../contract/records.js';
import { execute, query } from '../database/query.js';
import type { AttemptOutcome } from '../outbound/attempts.js';
import { Clock } from '../support/clock.js';
import { FieldClaims, holdEdit } from './field-claims.js';
import type { ClaimedEdit } from './field-claims.js';
import { exactKeyOf, valueOf } from './field-values.js';
import type { WriteAttempt } from './judge-write.js';
import { noteOwnFields, settleOwnFields } from './own-fields.js';

/** What is written down before a request goes out and after it: a crash between any two of them is recognised. */
@Injectable()
export class FieldAttempts {
  constructor(
    private readonly em: EntityManager,
    private readonly claims: FieldClaims,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** The attempt whose outcome nobody knows yet. */
  async open(edit: ClaimedEdit): Promise<WriteAttempt | null> {
    const [row] = await query<{
      id: string;
      before: WriteAttempt['before'];
      before_updated_at: Date | null;
      answered: boolean;
      age_ms: number;
    }>(
      this.em.fork(),
      `select id, before, before_updated_at, answered, (extract(epoch from now() - begun_at) * 1000)::float8 as age_ms
       from ats.field_change_attempts where change_id = $1 and outcome is null`,
      [edit.id],
      ['before_updated_at'],
    );
    if (row === undefined) return null;
    const { id, before, before_updated_at: beforeUpdatedAt, answered, age_ms: ageMs } = row;
    return { id, before, beforeUpdatedAt, answered, ageMs };
  }

  /** Attempts that came to nothing so far. */
  async failed(edit: ClaimedEdit): Promise<number> {
    const [row] = await query<{ count: number }>(
      this.em.fork(),
      `select count(*)::int as count from ats.field_change_attempts where change_id = $1 and outcome = 'not-applied'`,
      [edit.id],
    );
    return row?.count ?? 0;
  }

  /** All that is open of the edit is about to be written. @throws ChangeLost; then nothing may be sent. */
  async begin(edit: ClaimedEdit, present: CandidateRecord): Promise<string> {
    const id = randomUUID();
    const now = this.clock.now();
    const before = edit.fields.map(({ field }) => [field, exactKeyOf(valueOf(present, field))]);
    await this.em.fork().transactional(async (em) => {
      await holdEdit(em, edit, this.claims.leaseMs);
      await execute(
        em,
        `insert into ats.field_change_attempts (id, change_id, nth, before, before_updated_at, begun_at)
         select $1::uuid, $2::uuid, count(*) + 1, $3::jsonb, $4::timestamptz, now() from ats.field_change_attempts where change_id = $2`,
        [id, edit.id, JSON.stringify(Object.fromEntries(before)), present.updatedAt],
      );
      await execute(em, `update ats.field_changes set sent_at = coalesce(sent_at, $2) where id = $1`, [edit.id, now]);
      const candidate = { connectionId: edit.connection.id, remoteId: edit.candidate.remoteId };
      await noteOwnFields(em, id, candidate, edit.fields, now);
    });
    return id;
  }

  /** The ATS said that it did it. */
  async answered(id: string): Promise<void> {
    await execute(this.em.fork(), `update ats.field_change_attempts set answered = true where id = $1`, [id]);
  }

  /** Ends one after which the edit goes on; one that ends its edit is ended with it, in one transaction. @throws ChangeLost */
  async end(edit: ClaimedEdit, id: string, outcome: 'refused' | 'not-applied'): Promise<void> {
    await this.em.fork().transactional(async (em) => {
      await holdEdit(em, edit, this.claims.leaseMs);
      await endFieldAttempt(em, id, outcome, this.clock.now());
    });
  }
}

export async function endFieldAttempt(
  em: EntityManager,
  id: string,
  outcome: AttemptOutcome,
  now: Date,
): Promise<void> {
  await execute(
    em,
    // What the fields were is needed only to judge an open one.
    `update ats.field_change_attempts set outcome = $2, ended_at = $3, before = '{}' where id = $1 and outcome is null`,
    [id, outcome, now],
  );
  // One that may have happened may still be seen.
  if (outcome !== 'unclear') await settleOwnFields(em, id, outcome === 'applied', now);
}
