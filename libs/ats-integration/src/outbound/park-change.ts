import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { raiseIssue } from '../connections/issues.js';
import { execute, query } from '../database/query.js';
import { writeEvents } from '../events/outbox.js';
import type { HostStage } from '../host/hiring-pipeline.port.js';
import { Clock } from '../support/clock.js';
import { ChangeClaims, holdChange } from './change-claims.js';
import type { ClaimedChange } from './change-claims.js';
import { forgetNotes } from './forget-notes.js';

/** Its subject is the host's stage that nothing of the ATS is confirmed for. */
export const UNMAPPED_ISSUE = 'stage-unmapped';
const CODE = 'unmapped-stage';

/** Keeps a move whose stage means nothing in the ATS yet, and tells the admin once for each stage. */
@Injectable()
export class ParkChange {
  constructor(
    private readonly em: EntityManager,
    private readonly claims: ChangeClaims,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws ChangeLost */
  async park(change: ClaimedChange, stage: HostStage, ats: string): Promise<void> {
    const now = this.clock.now();
    const reason = `No stage of ${ats} is confirmed as "${stage.name}" for this job yet. The move is sent as soon as an admin confirms one in the stage mapping.`;
    await this.em.fork().transactional(async (em) => {
      await holdChange(em, change, this.claims.leaseMs);
      const newer = await query(
        em,
        `select 1 from ats.stage_changes where application_id = $1 and status in ('pending', 'parked')`,
        [change.application.id],
      );
      if (newer.length > 0) return supersede(em, change.id, now);
      const [parked] = await query<{ first: boolean }>(
        em,
        `update ats.stage_changes s set status = 'parked', reason_code = $2, reason = $3, lease_until = null, not_before = null,
           parked_at = coalesce(s.parked_at, $4)
         from (select id, parked_at from ats.stage_changes where id = $1) before where s.id = before.id
         returning before.parked_at is null as first`,
        [change.id, CODE, reason, now],
      );
      const { id: connectionId, workspaceId, provider } = change.connection;
      await raiseIssue(
        em,
        change.connection,
        {
          code: UNMAPPED_ISSUE,
          subject: stage.id,
          message: `Moves to "${stage.name}" wait: no stage of ${ats} is confirmed as "${stage.name}". Confirm one in the stage mapping, and they are sent.`,
        },
        now,
      );
      if (parked?.first !== true) return;
      await writeEvents(em, { workspaceId, connectionId, provider }, now, [
        {
          type: 'stage-change.parked',
          changeId: change.id,
          applicationId: change.application.id,
          code: CODE,
          reason,
        },
      ]);
    });
  }
}

/** A newer move of the same application has taken its place. */
export async function supersede(em: EntityManager, changeId: string, now: Date): Promise<void> {
  await execute(
    em,
    `update ats.stage_changes set status = 'superseded', settled_at = $2, reason_code = 'superseded',
       reason = 'It was moved again before this was sent.', lease_until = null, not_before = null, fence = fence + 1 where id = $1`,
    [changeId, now],
  );
  await forgetNotes(em, changeId);
}
