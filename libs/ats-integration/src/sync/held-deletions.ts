import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { resolveIssue } from '../connections/issues.js';
import { ownedConnection } from '../connections/owned-connection.js';
import type { RecordKind } from '../contract/records.js';
import { execute, query } from '../database/query.js';
import { HiringPipeline } from '../host/hiring-pipeline.port.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { AtsError } from '../support/ats-error.js';
import { Clock } from '../support/clock.js';
import { buryApproved } from './approved-deletions.js';
import { MASS_DELETION } from './deletion-brake.js';
import { SyncRuns } from './sync-runs.js';

export interface HeldDeletion {
  readonly kind: RecordKind;
  readonly count: number;
  readonly heldAt: Date;
  /** Some of them, for a person to look at: ids of the ATS. */
  readonly examples: readonly string[];
}

export const DELETION_DECISIONS = ['approve', 'reject'] as const;
export type DeletionDecision = (typeof DELETION_DECISIONS)[number];

/** What vanished in so great a number that the sync asks before it marks it. */
@Injectable()
export class HeldDeletions {
  constructor(
    private readonly em: EntityManager,
    private readonly runs: SyncRuns,
    private readonly registry: ProviderRegistry,
    @Inject(HiringPipeline) private readonly pipeline: HiringPipeline,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws AtsError `not-found` for another workspace's connection */
  async list(workspaceId: string, connectionId: string): Promise<HeldDeletion[]> {
    await ownedConnection(this.em.fork(), workspaceId, connectionId);
    return query<HeldDeletion>(
      this.em.fork(),
      `select kind, count(*)::int as count, min(held_at) as "heldAt",
         to_jsonb((array_agg(remote_id order by remote_id))[1:20]) as examples
       from ats.held_deletions where connection_id = $1 and decision = 'open' group by kind order by kind`,
      [connectionId],
      ['heldAt'],
    );
  }

  /**
   * `approve`: what the ATS itself told of is marked now, as it said; what a listing did not show, by the next one, begun at once, if it is
   * still gone. `reject`: they stay as they are until the ATS shows them again; only then can they vanish anew.
   * @throws AtsError `not-found`, `nothing-held`
   */
  async decide(
    workspaceId: string,
    connectionId: string,
    { kind, decision, by }: { readonly kind: RecordKind; readonly decision: DeletionDecision; readonly by: string },
  ): Promise<number> {
    const { provider } = await ownedConnection(this.em.fork(), workspaceId, connectionId);
    const now = this.clock.now();
    const decided = await this.em.fork().transactional(async (em) => {
      const count = await execute(
        em,
        `update ats.held_deletions set decision = $3, decided_by = $4, decided_at = $5
         where connection_id = $1 and kind = $2 and decision = 'open'`,
        [connectionId, kind, decision === 'approve' ? 'approved' : 'rejected', by, now],
      );
      if (count > 0) await resolveIssue(em, connectionId, { code: MASS_DELETION, subject: kind }, now);
      return count;
    });
    if (decided === 0)
      throw new AtsError('nothing-held', `No deletions of this kind (${kind}) wait for a decision on this connection.`);
    if (decision !== 'approve') return decided;
    const { manifest } = this.registry.get(provider).provider;
    const of = { run: { connection: { id: connectionId, workspaceId, provider } }, rules: { provider: manifest } };
    // A run's pages wait, as they would for one another. What is left when this process dies, the listing below marks.
    const alone = (em: EntityManager) =>
      query(em, `select 1 from ats.sync_runs where connection_id = $1 and status = 'running' for update`, [
        connectionId,
      ]);
    await buryApproved(this.em, this.pipeline, of, alone, now);
    await this.runs.request(connectionId, 'reconcile', 'person');
    return decided;
  }
}
