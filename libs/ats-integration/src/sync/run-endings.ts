import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { lockConnection } from '../connections/hold-connection.js';
import { markReconnectRequired } from '../connections/standstill.js';
import { markSuspended } from '../connections/suspension.js';
import { raiseIssue, resolveIssues } from '../connections/issues.js';
import { execute } from '../database/query.js';
import type { DomainEventBody } from '../events/domain-event.js';
import { writeEvents } from '../events/outbox.js';
import { lockPlaces } from '../plan/places.js';
import { forgetSeen } from '../records/seen-records.js';
import { Clock } from '../support/clock.js';
import { AtsOptions } from '../support/options-token.js';
import { RunLost } from './claimed-run.js';
import type { ClaimedRun } from './claimed-run.js';
import { verdictOn } from './failure-policy.js';
import { hasNamed } from './named-records.js';
import { pollingSeconds } from './polling-interval.js';
import { RunClaims, holdRun, ownRun } from './run-claims.js';
import { sweepsDeletions } from './sync-run-status.js';
import { SyncRuns } from './sync-runs.js';

const ISSUE = 'sync-failed';
/** Runs of many connections must not come due in one moment. */
const JITTER = 0.1;

/** How a run ends: completed with its watermarks, tried again later, or failed with an issue for the admin. */
@Injectable()
export class RunEndings {
  readonly #logger = new Logger('AtsSync');

  constructor(
    private readonly em: EntityManager,
    private readonly claims: RunClaims,
    private readonly runs: SyncRuns,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  async complete(run: ClaimedRun, streams: readonly string[]): Promise<void> {
    await this.em.fork().transactional(async (em) => {
      await lockConnection(em, run.connection.id);
      await holdRun(em, run);
      await execute(
        em,
        `insert into ats.sync_watermarks as w (connection_id, stream, complete_until)
         select $1::uuid, stream, $3 from unnest($2::text[]) as stream
         on conflict (connection_id, stream) do update set complete_until = greatest(w.complete_until, excluded.complete_until)`,
        [run.connection.id, streams, run.windowUntil],
      );
      await this.#finish(em, run, 'completed', null);
      if (run.kind !== 'targeted') {
        await this.#stateCompleteness(em, run);
        await resolveIssues(em, run.connection.id, ISSUE, this.clock.now());
      }
      await this.#event(em, run, { type: 'sync-run.completed', runId: run.id, runKind: run.kind });
    });
    await this.runs.wakeResumes(run.connection.id);
    if (await hasNamed(this.em.fork(), run.connection.id)) await this.runs.wakeNamed(run.connection.id);
    this.#logger.log(
      `Run ${run.id} (${run.kind}) of connection ${run.connection.id} completed with ${run.requests} requests.`,
    );
  }

  /** A run that listed everything says up to when nothing is missing, and when the next one of its kind is due. */
  async #stateCompleteness(em: EntityManager, run: ClaimedRun): Promise<void> {
    const everything = run.kind === 'initial' || sweepsDeletions(run.kind);
    if (everything) await forgetSeen(em, run.connection.id);
    const now = this.clock.now();
    await execute(
      em,
      `update ats.connections set last_synced_at = $2,
         reconciled_until = case when $3 then $4 else reconciled_until end,
         next_reconcile_at = case when $3 or next_reconcile_at is null then $5 else next_reconcile_at end
       where id = $1`,
      [
        run.connection.id,
        now,
        everything,
        run.windowUntil,
        new Date(now.getTime() + this.options.sync.reconcileHours * 3_600_000),
      ],
    );
  }

  async failed(run: ClaimedRun, error: unknown): Promise<void> {
    const verdict = verdictOn(error, run, this.options.sync.retrySeconds);
    const about = `Run ${run.id} (${run.kind}) of connection ${run.connection.id}`;
    switch (verdict.action) {
      case 'let-go':
        this.#logger.log(`${about} was stopped or taken over.`);
        return this.runs.abortStranded(run.id);
      case 'retry':
        this.#logger.warn(`${about} continues in ${Math.round(verdict.afterMs / 1000)} s: ${describe(error)}`);
        await this.claims.release(run, verdict.afterMs);
        return this.runs.wake(run.id, run.kind, verdict.afterMs + 50);
      case 'fail':
      case 'reconnect':
      case 'suspend':
        this.#logger.error(`${about} failed: ${describe(error)}`);
        return this.#end(run, verdict);
      default:
        return verdict satisfies never;
    }
  }

  async #end(
    run: ClaimedRun,
    verdict: { action: 'fail' | 'reconnect' | 'suspend'; code: string; message: string },
  ): Promise<void> {
    try {
      await this.em.fork().transactional(async (em) => {
        if (verdict.action === 'suspend') await lockPlaces(em, run.connection.workspaceId);
        await lockConnection(em, run.connection.id);
        // The refresh may have taken the connection out of `active` already: its run ends all the same.
        await ownRun(em, run);
        await this.#finish(em, run, 'failed', verdict);
        await this.#event(em, run, { type: 'sync-run.failed', runId: run.id, runKind: run.kind, fault: verdict.code });
        const now = this.clock.now();
        if (verdict.action === 'reconnect')
          await markReconnectRequired(em, run.connection, verdict.message, now, { epoch: run.connection.epoch });
        else if (verdict.action === 'suspend') await markSuspended(em, run.connection, verdict.message, now);
        else
          await raiseIssue(em, run.connection, { code: ISSUE, subject: verdict.code, message: verdict.message }, now);
      });
    } catch (error) {
      if (!(error instanceof RunLost)) throw error;
    }
  }

  async #finish(
    em: EntityManager,
    run: ClaimedRun,
    status: 'completed' | 'failed',
    fault: { code: string; message: string } | null,
  ): Promise<void> {
    const now = this.clock.now();
    await execute(
      em,
      `update ats.sync_runs set status = $2, finished_at = $3, lease_until = null, fault_code = $4, fault_message = $5 where id = $1`,
      [run.id, status, now, fault?.code ?? null, fault?.message ?? null],
    );
    // Records that were read one by one say nothing of the others: the next poll comes when it was to come.
    if (run.kind === 'targeted') return;
    const interval = await pollingSeconds(em, run.connection.id, this.options);
    const seconds = interval * (1 - JITTER + 2 * JITTER * Math.random());
    await execute(
      em,
      `update ats.connections set next_run_at = $2 where id = $1 and epoch = $3 and status = 'active'`,
      [run.connection.id, new Date(now.getTime() + seconds * 1000), run.connection.epoch],
    );
  }

  async #event(em: EntityManager, run: ClaimedRun, body: DomainEventBody): Promise<void> {
    await writeEvents(em, { ...run.connection, connectionId: run.connection.id }, this.clock.now(), [body]);
  }
}

/** Faults are written for people and hold nothing personal; of any other error only what cannot quote a row is told. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  if (error.name === 'ProviderFault' || error.name === 'AtsError') return error.message;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  // SQLSTATE class 42 is about the statement itself: a missing table or function, never a value.
  const detail = code?.startsWith('42') === true ? `: ${error.message}` : '';
  return code === null ? error.name : `${error.name} (${code})${detail}`;
}
