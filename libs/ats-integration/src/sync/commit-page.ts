import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { ProviderPage } from '../contract/page.js';
import type { RecordKind, RecordOf } from '../contract/records.js';
import { query } from '../database/query.js';
import type { DomainEventBody } from '../events/domain-event.js';
import { writeEvents } from '../events/outbox.js';
import { keepReadBack } from '../field-changes/late-pages.js';
import { recogniseOwnFields } from '../field-changes/own-fields.js';
import { HiringPipeline } from '../host/hiring-pipeline.port.js';
import { recogniseOwnWrites } from '../outbound/own-writes.js';
import { releaseShown } from '../records/held-deletions.js';
import { forgetSkipped, quarantine, recordSkipped, releaseFromQuarantine } from '../records/set-aside.js';
import { buryRecords } from '../records/bury-records.js';
import { supersedeResumes } from '../records/supersede-resumes.js';
import type { UpsertResult } from '../records/upsert-records.js';
import { Clock } from '../support/clock.js';
import { goneEvents } from './bury-gone.js';
import { buryPage } from './bury-page.js';
import type { ClaimedRun } from './claimed-run.js';
import { mergedAway, readOwners } from './moved-people.js';
import { pipelineBatchOf } from './pipeline-batch.js';
import type { PreparedPage } from './prepare-page.js';
import { holdRun } from './run-claims.js';
import type { RunIndex } from './run-index.js';
import { addCounts } from './stream-counts.js';
import type { StreamCounts } from './stream-counts.js';
import type { SyncRules } from './sync-rules.js';
import { writePage } from './write-page.js';
import type { WrittenPage } from './write-page.js';

export interface PageToCommit {
  readonly run: ClaimedRun;
  readonly stream: string;
  readonly prepared: PreparedPage;
  readonly rules: SyncRules;
  readonly index: RunIndex;
  /** Counts of the stream up to this page. */
  readonly counts: StreamCounts;
  /** These rows were asked for by id: lists that were asked before them know less. */
  readonly byId: boolean;
}

/**
 * THE transaction: records, what was set aside, the host's pipeline, events and the cursor of one page land together
 * or not at all. The cursor never runs ahead of the data, an event never precedes it.
 */
@Injectable()
export class CommitPage {
  constructor(
    private readonly em: EntityManager,
    @Inject(HiringPipeline) private readonly pipeline: HiringPipeline,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /**
   * Returns the counts of the stream including this page.
   * @throws RunLost when the run is no longer ours; nothing was written then.
   */
  async commit(commit: PageToCommit): Promise<StreamCounts> {
    const { run, rules, index } = commit;
    const { page } = commit.prepared;
    if (commit.byId) index.freshness.note(commit.prepared);
    const connectionId = run.connection.id;
    // Before they are written: a page of candidates that begins after this looks for them.
    if (page.records.some(({ kind }) => kind === 'application')) index.applications = true;
    const [written, counts] = await this.em.fork().transactional(async (em) => {
      await holdRun(em, run);
      await index.refreshPlacement(em, connectionId);
      const fresh = commit.byId ? commit.prepared : index.freshness.without(commit.prepared);
      const records = await keepReadBack(em, connectionId, fresh);
      const prepared = { ...fresh, page: { ...fresh.page, records } };
      const owners = rules.peopleMoveSilently
        ? await readOwners(em, connectionId, prepared)
        : new Map<string, string>();
      const written = await writePage(em, run, prepared, rules, index);
      await this.#setAside(em, commit, page, written);
      await supersedeResumes(
        em,
        connectionId,
        written.resumes.changed.map(({ record }) => record),
      );
      const away = await mergedAway(em, connectionId, owners, written);
      const buried = [
        ...(await buryPage(em, { run, rules, index }, page, written, this.clock.now())),
        ...(await buryRecords(em, connectionId, away, this.clock.now())),
      ];
      const batch = await pipelineBatchOf(em, run, written, buried, { rules, index });
      if (batch !== null) await this.pipeline.apply(batch, em);
      const own = await this.#recognise(em, connectionId, commit.prepared);
      const counts = addCounts(commit.counts, written.counts);
      const origin = { ...run.connection, connectionId };
      // Both are on their way before the first is answered: they need nothing of each other.
      await Promise.all([
        writeEvents(em, origin, this.clock.now(), [
          ...changeEvents(run, written, own),
          ...revivedEvents(run, written),
          ...goneEvents(buried),
        ]),
        saveStream(em, commit, counts),
      ]);
      return [written, counts] as const;
    });
    for (const { id, record } of written.jobs.changed)
      index.remember(record.remoteId, { id, open: rules.isOpen(record) });
    run.pages += 1;
    return counts;
  }

  /** What we wrote and the ATS shows now, by kind. */
  async #recognise(em: EntityManager, connectionId: string, prepared: PreparedPage): Promise<OwnRecords> {
    const now = this.clock.now();
    return {
      application: await recogniseOwnWrites(em, connectionId, cameAgain(prepared, 'application'), now),
      candidate: await recogniseOwnFields(em, connectionId, cameAgain(prepared, 'candidate'), now),
    };
  }

  async #setAside(
    em: EntityManager,
    { run, index, prepared }: PageToCommit,
    page: ProviderPage,
    written: WrittenPage,
  ): Promise<void> {
    const connectionId = run.connection.id;
    await quarantine(em, connectionId, run.id, page.rejected);
    await recordSkipped(em, connectionId, written.skipped);
    if (page.rejected.length > 0) index.quarantined = true;
    if (written.skipped.length > 0) index.skipped = true;
    for (const [kind, result] of resultsOf(written)) {
      const created = result.changed.filter((change) => change.created).map(({ record }) => record.remoteId);
      if (index.skipped) await forgetSkipped(em, connectionId, kind, created);
    }
    if (!index.quarantined && !index.held) return;
    // Whoever parses is quarantined no longer, whether the rules let it in or not; nor is it gone.
    for (const kind of new Set(page.records.map((record) => record.kind))) {
      const parsed = page.records.filter((record) => record.kind === kind).map(({ remoteId }) => remoteId);
      if (index.quarantined) await releaseFromQuarantine(em, connectionId, kind, parsed);
      if (index.held) await releaseShown(em, connectionId, kind, parsed, prepared.askedAt);
    }
  }
}

function resultsOf(written: WrittenPage): [RecordKind, UpsertResult<RecordKind>][] {
  return Object.entries(written.results) as [RecordKind, UpsertResult<RecordKind>][];
}

/** Remote ids. */
type OwnRecords = Readonly<Partial<Record<RecordKind, ReadonlySet<string>>>>;

/** Records of a kind that were here before the page. */
function cameAgain<K extends RecordKind>({ page, known }: PreparedPage, kind: K): RecordOf<K>[] {
  return page.records.filter(
    (record): record is RecordOf<K> => record.kind === kind && known.get(kind)?.has(record.remoteId) === true,
  );
}

function changeEvents(run: ClaimedRun, written: WrittenPage, own: OwnRecords): DomainEventBody[] {
  return resultsOf(written).flatMap(([kind, { changed }]) => {
    if (changed.length === 0 || kind === 'user') return [];
    return [
      {
        type: 'records.changed' as const,
        runId: run.id,
        kind,
        created: changed.filter((change) => change.created).map((change) => change.id),
        updated: changed.filter((change) => !change.created).map((change) => change.id),
        own: changed.filter(({ record }) => own[kind]?.has(record.remoteId)).map(({ id }) => id),
      },
    ];
  });
}

function revivedEvents(run: ClaimedRun, { revived }: WrittenPage): DomainEventBody[] {
  return (['application', 'resume'] as const).flatMap((kind) =>
    revived[kind].length === 0
      ? []
      : [{ type: 'records.changed' as const, runId: run.id, kind, created: [], updated: revived[kind], own: [] }],
  );
}

async function saveStream(
  em: EntityManager,
  { run, stream, prepared: { page } }: PageToCommit,
  counts: StreamCounts,
): Promise<void> {
  await query(
    em,
    `update ats.sync_streams set status = $3, cursor = $4::jsonb, pages = pages + 1, counts = $5::jsonb, total = coalesce($6, total)
     where run_id = $1 and stream = $2`,
    [
      run.id,
      stream,
      page.next === null ? 'done' : 'running',
      page.next === null ? null : JSON.stringify(page.next),
      JSON.stringify(counts),
      page.total ?? null,
    ],
  );
}
