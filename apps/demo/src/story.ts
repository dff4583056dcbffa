import { setTimeout as sleep } from 'node:timers/promises';
import type { Details, EllyClient, Run } from './elly-client.js';
import type { Narrator } from './narrator.js';
import type { Changes, SandboxClient, VisibleCounts } from './sandbox-client.js';
import { skippedByReason } from './skipped.js';
import { moveBothWays } from './two-ways.js';
import type { TwoWays } from './two-ways.js';

export interface ProviderStory {
  /** What the sandbox holds and the connection may see; `inScope` is the part of it that the rule of open jobs lets in. */
  readonly account: Pick<VisibleCounts, 'jobs' | 'openJobs' | 'stages' | 'candidates' | 'applications' | 'inScope'>;
  readonly imported: Pick<Details['records'], 'jobs' | 'stages' | 'candidates' | 'applications' | 'resumes'>;
  readonly skipped: Readonly<Record<string, number>>;
  readonly quarantined: number;
  /** A full re-sync of an account in which nothing happened. */
  readonly again: { readonly created: number; readonly updated: number };
  readonly incremental: {
    readonly made: Readonly<Record<string, number>>;
    readonly seen: Readonly<Record<string, number>>;
  };
  readonly twoWays: TwoWays;
  /** Sent to the ATS by the initial sync. */
  readonly requests: number;
  /** The initial sync, from the connect to its last record. */
  readonly seconds: number;
}

const CHANGES = { seed: 7, moves: 4, edits: 3, newCandidates: 2, rejections: 2, hires: 1, jobsOpened: 1 };
/** What the sandbox calls each change, and where Elly's library keeps what it changed. */
const MADE_AS: Readonly<Record<string, string>> = {
  move: 'moves',
  'edit-candidate': 'edits',
  'create-candidate': 'newCandidates',
  reject: 'rejections',
  hire: 'hires',
  'open-job': 'jobsOpened',
};
const KIND_OF: Readonly<Record<string, string>> = { applications: 'application', candidates: 'candidate', jobs: 'job' };
const POLL_MS = 300;

/** One ATS from connect over the incremental sync to moves on both sides, told as it goes. */
export async function tellStory(
  provider: string,
  accountId: string,
  elly: EllyClient,
  sandbox: SandboxClient,
  narrator: Narrator,
): Promise<ProviderStory> {
  const { name, visible } = await sandbox.account(accountId);
  narrator.chapter(`${name}: ${visible.candidates} candidates, ${visible.openJobs} of ${visible.jobs} jobs open`);
  const connection = await elly.connect(provider, accountId);
  const connected = await elly.details(connection);
  narrator.say(`Connected as ${connected.authorisedBy ?? 'an admin'}.`);
  for (const warning of connected.warnings) narrator.say(`Note: ${warning}`);

  const initial = await newestRun(elly, connection);
  const run = await narrator.watch(initial.id, visible, (look) => elly.ended(connection, initial.id, look));
  const details = await resumesArrived(elly, connection, narrator);
  const skipped = skippedByReason(details, run);
  narrator.imported(details, visible, skipped);

  const resync = await elly.send<{ runId: string }>('POST', `/api/ats/connections/${connection}/sync-runs`);
  const again = sumOf(await elly.ended(connection, resync.runId));
  narrator.say(`Imported once more: ${again.created} created, ${again.updated} updated.`);

  const made = await sandbox.change(accountId, CHANGES);
  narrator.made(made);
  const { seen, brought } = await catchUp(elly, connection, made);
  narrator.seen(seen, brought);
  const twoWays = await moveBothWays(provider, accountId, connection, { elly, sandbox, narrator });
  return {
    account: pick(visible, ['jobs', 'openJobs', 'stages', 'candidates', 'applications', 'inScope']),
    imported: pick(details.records, ['jobs', 'stages', 'candidates', 'applications', 'resumes']),
    skipped,
    quarantined: details.quarantined,
    again,
    incremental: { made: nonZero(made.made), seen },
    twoWays,
    requests: run.requests,
    seconds: secondsOf(run),
  };
}

async function newestRun(elly: EllyClient, connection: string): Promise<Run> {
  const [run] = await elly.runs(connection);
  if (run === undefined) throw new Error('The connect queued no sync run.');
  return run;
}

/** Résumés come behind the records; the story waits for the last one. */
async function resumesArrived(elly: EllyClient, connection: string, narrator: Narrator): Promise<Details> {
  for (;;) {
    const details = await elly.details(connection);
    narrator.resumes(details.records.resumes, details.records.resumesPending);
    if (details.records.resumesPending === 0) return details;
    await sleep(POLL_MS);
  }
}

/** Runs the incremental sync; a change counts as seen when its record in Elly is another one afterwards. */
async function catchUp(
  elly: EllyClient,
  connection: string,
  { operations }: Changes,
): Promise<{ seen: Record<string, number>; brought: Record<string, number> }> {
  const look = () =>
    Promise.all(
      operations.map(({ kind, id }) =>
        elly.record(connection, KIND_OF[kind] ?? kind, id).then((fields) => JSON.stringify(fields)),
      ),
    );
  const before = await look();
  const { runId } = await elly.send<{ runId: string }>(
    'POST',
    `/api/ats/connections/${connection}/sync-runs/incremental`,
  );
  const run = await elly.ended(connection, runId);
  const after = await look();
  const seen: Record<string, number> = {};
  operations.forEach(({ op }, index) => {
    const what = MADE_AS[op] ?? op;
    seen[what] = (seen[what] ?? 0) + (after[index] === before[index] ? 0 : 1);
  });
  const brought = Object.fromEntries(
    Object.entries(run.counts).flatMap(([kind, counts]) => [
      ...(counts.created > 0 ? [[`${kind} created`, counts.created] as const] : []),
      ...(counts.updated > 0 ? [[`${kind} updated`, counts.updated] as const] : []),
    ]),
  );
  return { seen, brought };
}

function sumOf(run: Run): { created: number; updated: number } {
  const counts = Object.values(run.counts);
  return {
    created: counts.reduce((sum, { created }) => sum + created, 0),
    updated: counts.reduce((sum, { updated }) => sum + updated, 0),
  };
}

function secondsOf(run: Run): number {
  if (run.startedAt === null || run.finishedAt === null) return 0;
  return Math.round((Date.parse(run.finishedAt) - Date.parse(run.startedAt)) / 100) / 10;
}

function pick<Source extends object, Key extends keyof Source>(
  source: Source,
  keys: readonly Key[],
): Pick<Source, Key> {
  return Object.fromEntries(keys.map((key) => [key, source[key]])) as Pick<Source, Key>;
}

function nonZero(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
