import type { EntityManager } from '@mikro-orm/postgresql';
import { RECORD_KINDS } from '../contract/records.js';
import type { RecordKind } from '../contract/records.js';
import { query } from '../database/query.js';
import type { HostStage } from '../host/hiring-pipeline.port.js';
import type { PlacementContext } from '../mapping/place-application.js';
import { readPlacementContext } from '../mapping/stage-mappings.js';
import { RECORD_TABLES } from '../records/record-tables.js';
import { Freshness } from './freshness.js';

export interface KnownJob {
  readonly id: string;
  readonly open: boolean;
}

/**
 * What every page of a run asks for: the jobs and how applications are placed. Read from the database when the run
 * starts or resumes, changed only after a page committed.
 */
export class RunIndex {
  readonly #jobs: Map<string, KnownJob>;
  readonly freshness = new Freshness();
  /** Who survives a merge, as webhooks have it, and who was merged into them: let in whatever they applied to, when one of those is here. Remote ids. */
  readonly survivors = new Map<string, readonly string[]>();
  /** Whether anybody may have been merged since the run began; before it, only where it is not the first one. */
  merges = false;
  #mappingsChangedAt: string | null = null;
  placement: PlacementContext;
  /** Whether anything of this connection stands in quarantine, or is skipped: while nothing does, nothing need be taken out. */
  quarantined = true;
  skipped = true;
  /** Whether deletions wait for a person's decision: while none does, nothing that is shown need be released. */
  held = true;
  /** Whether there is or may be an application yet: while there is none, none waits for its candidate. */
  applications = true;
  /** Kinds of which the connection had nothing when the run started: their pages need not be looked up first. */
  unseen: ReadonlySet<RecordKind> = new Set();

  private constructor(jobs: Map<string, KnownJob>, placement: PlacementContext) {
    this.#jobs = jobs;
    this.placement = placement;
  }

  static async read(em: EntityManager, connectionId: string, hostStages: readonly HostStage[]): Promise<RunIndex> {
    const jobs = await query<{ remote_id: string; id: string; open: boolean }>(
      em,
      `select remote_id, id, open from ats.jobs where connection_id = $1 and tombstone is null`,
      [connectionId],
    );
    const placement = await readPlacementContext(em, connectionId, hostStages);
    const index = new RunIndex(new Map(jobs.map((job) => [job.remote_id, { id: job.id, open: job.open }])), placement);
    const [aside] = await query<{ quarantined: boolean; skipped: boolean; held: boolean }>(
      em,
      `select exists (select 1 from ats.quarantined_records where connection_id = $1) as quarantined,
         exists (select 1 from ats.skipped_records where connection_id = $1) as skipped,
         exists (select 1 from ats.held_deletions where connection_id = $1) as held`,
      [connectionId],
    );
    const seen = await query<{ kind: RecordKind }>(
      em,
      RECORD_KINDS.map(
        (kind) =>
          `select '${kind}' as kind where exists (select 1 from ${RECORD_TABLES[kind].table} where connection_id = $1)`,
      ).join(' union all '),
      [connectionId],
    );
    index.unseen = new Set(RECORD_KINDS.filter((kind) => !seen.some((row) => row.kind === kind)));
    index.applications = !index.unseen.has('application');
    index.quarantined = aside?.quarantined ?? true;
    index.skipped = aside?.skipped ?? true;
    index.held = aside?.held ?? true;
    return index;
  }

  /**
   * Reads the stage mapping again when an admin changed it since: the next page is placed by what holds now. A statement
   * of its own, behind the run's lock: one that had waited for the lock would still see the mapping as it was before.
   */
  async refreshPlacement(em: EntityManager, connectionId: string): Promise<void> {
    const [row] = await query<{ at: string | null }>(
      em,
      `select max(changed_at)::text || ' ' || count(*) as at from ats.stage_mappings where connection_id = $1`,
      [connectionId],
    );
    const changedAt = row?.at ?? null;
    if (changedAt === this.#mappingsChangedAt) return;
    this.placement = await readPlacementContext(em, connectionId, this.placement.hostStages);
    this.#mappingsChangedAt = changedAt;
  }

  job(remoteId: string): KnownJob | undefined {
    return this.#jobs.get(remoteId);
  }

  remember(remoteId: string, job: KnownJob): void {
    this.#jobs.set(remoteId, job);
  }
}
