import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { RecordKind } from '../contract/records.js';
import { connectionNotFound, ownedConnection } from '../connections/owned-connection.js';
import { query } from '../database/query.js';
import { addCounts } from '../sync/stream-counts.js';
import type { KindCounts, StreamCounts } from '../sync/stream-counts.js';
import type { RunKind, RunStatus } from '../sync/sync-run-status.js';

export interface StreamProgress {
  readonly stream: string;
  readonly status: 'pending' | 'running' | 'done';
  readonly pages: number;
  /** Rows that the ATS says there are, when it says so. */
  readonly total: number | null;
  readonly counts: StreamCounts;
}

export interface RunProgress {
  readonly id: string;
  readonly kind: RunKind;
  readonly status: RunStatus;
  readonly trigger: string;
  readonly queuedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** Requests sent to the ATS. */
  readonly requests: number;
  readonly fault: { readonly code: string; readonly message: string } | null;
  readonly streams: readonly StreamProgress[];
  /** Over all streams, by record kind; only grows. */
  readonly counts: Readonly<Partial<Record<RecordKind, KindCounts>>>;
}

interface RunRow extends Omit<RunProgress, 'fault' | 'streams' | 'counts'> {
  readonly fault_code: string | null;
  readonly fault_message: string | null;
}

const RUN = `select r.id, r.kind, r.status, r.trigger, r.queued_at as "queuedAt", r.started_at as "startedAt", r.finished_at as "finishedAt",
  r.requests, r.fault_code, r.fault_message from ats.sync_runs r join ats.connections c on c.id = r.connection_id`;

const RUN_DATES = ['queuedAt', 'startedAt', 'finishedAt'] as const;

/** What a run has done so far, exactly as committed. Every read is scoped by workspace. */
@Injectable()
export class RunHistory {
  constructor(private readonly em: EntityManager) {}

  /**
   * Newest first.
   * @throws AtsError `not-found`
   */
  async list(workspaceId: string, connectionId: string, limit = 50): Promise<RunProgress[]> {
    await ownedConnection(this.em.fork(), workspaceId, connectionId);
    const rows = await query<RunRow>(
      this.em.fork(),
      `${RUN} where c.workspace_id = $1 and c.id = $2 order by r.queued_at desc limit $3`,
      [workspaceId, connectionId, limit],
      RUN_DATES,
    );
    return this.#withStreams(rows);
  }

  /** @throws AtsError `not-found` */
  async get(workspaceId: string, connectionId: string, runId: string): Promise<RunProgress> {
    const rows = await query<RunRow>(
      this.em.fork(),
      `${RUN} where c.workspace_id = $1 and c.id = $2 and r.id = $3`,
      [workspaceId, connectionId, runId],
      RUN_DATES,
    );
    const [run] = await this.#withStreams(rows);
    if (run === undefined) throw connectionNotFound();
    return run;
  }

  async #withStreams(rows: readonly RunRow[]): Promise<RunProgress[]> {
    const streams = await query<StreamProgress & { run_id: string }>(
      this.em.fork(),
      `select run_id, stream, status, pages, total, counts from ats.sync_streams where run_id = any($1::uuid[]) order by stream`,
      [rows.map((row) => row.id)],
    );
    return rows.map(({ fault_code: code, fault_message: message, ...run }) => {
      const own = streams.filter((stream) => stream.run_id === run.id).map(({ run_id: _, ...stream }) => stream);
      return {
        ...run,
        fault: code === null ? null : { code, message: message ?? '' },
        streams: own,
        counts: own.reduce<StreamCounts>((sum, stream) => addCounts(sum, stream.counts), {}),
      };
    });
  }
}
