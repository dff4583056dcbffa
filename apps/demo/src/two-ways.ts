import { setTimeout as sleep } from 'node:timers/promises';
import type { EllyClient } from './elly-client.js';
import type { Narrator } from './narrator.js';
import type { Changes, SandboxClient } from './sandbox-client.js';
import { turnWebhooksOn } from './webhook-setup.js';

export interface TwoWays {
  /** ATS stages whose suggestion was confirmed. */
  readonly confirmed: number;
  /** Moves that somebody made in Elly, by what became of them. */
  readonly sent: Readonly<Record<string, number>>;
  /** Changes that somebody made in the ATS, and how many of them came in without a poll. */
  readonly made: number;
  readonly arrived: number;
  /** What the ATS was asked to write, and the most that one of it took effect. */
  readonly writes: number;
  readonly mostTimes: number;
}

interface HostStage {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly position: number;
}

interface Mappings {
  readonly hostStages: readonly HostStage[];
  readonly mappings: readonly {
    readonly key: string;
    readonly name: string;
    readonly jobRemoteId: string | null;
    readonly hostStageId: string | null;
    readonly status: string;
  }[];
}

interface Card {
  readonly applicationId: string;
  readonly status: string;
}

interface Board {
  readonly stages: readonly (HostStage & { readonly applications: readonly Card[] })[];
}

interface Reason {
  readonly remoteId: string;
  readonly of: string;
}

interface StageChange {
  readonly id: string;
  readonly toStageId: string;
  readonly status: string;
  readonly reason: string | null;
}

/** Somebody in Elly moves on, somebody else rejects. */
const MOVES_IN_ELLY = 2;
const MOVES_IN_THE_ATS = { seed: 11, moves: 3, rejections: 1 };
const LONG_ENOUGH_MS = 120_000;
const POLL_MS = 150;

/** Candidates move on both sides: what Elly's recruiters do goes out, what is done in the ATS comes in by its webhooks. */
export async function moveBothWays(
  provider: string,
  accountId: string,
  connection: string,
  { elly, sandbox, narrator }: { elly: EllyClient; sandbox: SandboxClient; narrator: Narrator },
): Promise<TwoWays> {
  const { stages, confirmed } = await confirmStages(elly, connection);
  narrator.say('');
  narrator.say(`Confirmed ${confirmed} of the ATS's stages as suggested.`);

  narrator.say('Somebody works in Elly:');
  const asked = await workInElly(elly, connection, stages, narrator);
  const changes = await settled(elly, connection, asked);
  for (const { toStageId, status, reason } of changes) narrator.sent(nameOf(stages, toStageId), status, reason);

  await turnWebhooksOn(provider, accountId, connection, elly, sandbox);
  const made = await sandbox.change(accountId, MOVES_IN_THE_ATS);
  narrator.made(made);
  const arrived = await arrivals(elly, connection, made);
  narrator.say(`In Elly by webhook, without a poll: ${arrived} of ${made.operations.length}.`);

  const effects = (await sandbox.writes(accountId)).effects.filter(({ record }) => record !== null);
  narrator.ledger(effects);
  return {
    confirmed,
    sent: countBy(changes.map(({ status }) => status)),
    made: made.operations.length,
    arrived,
    writes: effects.length,
    mostTimes: Math.max(0, ...effects.map(({ times }) => times)),
  };
}

async function confirmStages(
  elly: EllyClient,
  connection: string,
): Promise<{ stages: readonly HostStage[]; confirmed: number }> {
  const path = `/api/ats/connections/${connection}/stage-mappings`;
  const { hostStages, mappings } = await elly.get<Mappings>(path);
  const suggested = mappings.filter(({ hostStageId, status }) => hostStageId !== null && status === 'suggested');
  if (suggested.length > 0) {
    const body = {
      mappings: suggested.map(({ key, hostStageId, jobRemoteId }) => ({ key, hostStageId, jobRemoteId })),
    };
    await elly.send('PUT', path, body);
  }
  const used = new Set(mappings.map(({ hostStageId }) => hostStageId));
  const reachable = hostStages.filter(({ id, kind }) => used.has(id) || kind === 'rejected');
  return { stages: reachable, confirmed: suggested.length };
}

/** Moves people on and rejects one; returns how many moves were asked for. */
async function workInElly(
  elly: EllyClient,
  connection: string,
  stages: readonly HostStage[],
  narrator: Narrator,
): Promise<number> {
  const onward = stages.filter(({ kind }) => !['lead', 'hired', 'rejected'].includes(kind));
  const rejected = stages.find(({ kind }) => kind === 'rejected');
  const reasons = await elly.get<Reason[]>(`/api/ats/connections/${connection}/move-reasons`);
  const reasonRemoteId = reasons.find(({ of }) => of === 'reject')?.remoteId ?? null;
  let asked = 0;
  for await (const { stage, card } of activeCards(elly, connection)) {
    const last = asked === MOVES_IN_ELLY;
    const target = last ? rejected : onward.find(({ position }) => position > stage.position);
    if (target === undefined) continue;
    await elly.send('PATCH', `/api/applications/${card.applicationId}`, {
      stageId: target.id,
      ...(last ? { rejection: { reasonRemoteId } } : {}),
    });
    narrator.say(`  ${last ? 'rejects' : 'moves'} somebody from ${stage.name} to ${target.name}`);
    asked += 1;
    if (last) break;
  }
  return asked;
}

async function* activeCards(
  elly: EllyClient,
  connection: string,
): AsyncGenerator<{ readonly stage: HostStage; readonly card: Card }> {
  const { items } = await elly.get<{ items: { id: string; source: { connectionId: string | null } }[] }>(
    '/api/jobs?status=open&limit=200',
  );
  for (const job of items.filter(({ source }) => source.connectionId === connection)) {
    const { stages } = await elly.get<Board>(`/api/jobs/${job.id}/pipeline?limit=1`);
    // One of each board: their cards move while we look.
    for (const stage of stages.filter(({ kind }) => !['hired', 'rejected'].includes(kind))) {
      const card = stage.applications.find(({ status }) => status === 'active');
      if (card === undefined) continue;
      yield { stage, card };
      break;
    }
  }
}

/** Waits until everything that was asked for has become of it what becomes of it. */
async function settled(elly: EllyClient, connection: string, asked: number): Promise<readonly StageChange[]> {
  const until = Date.now() + LONG_ENOUGH_MS;
  for (;;) {
    const changes = await elly.get<StageChange[]>(`/api/ats/connections/${connection}/stage-changes`);
    const open = changes.filter(({ status }) => status === 'pending' || status === 'sending');
    if (changes.length >= asked && open.length === 0) return [...changes].reverse();
    if (Date.now() > until) throw new Error(`${open.length} moves were not sent within two minutes.`);
    await sleep(POLL_MS);
  }
}

/** How many of the changes reach Elly: a change is here when its record is another one than before. */
async function arrivals(elly: EllyClient, connection: string, { operations }: Changes): Promise<number> {
  const until = Date.now() + LONG_ENOUGH_MS;
  const waiting = new Map(operations.map(({ id, detail }) => [id, detail]));
  while (waiting.size > 0 && Date.now() < until) {
    for (const [id, detail] of waiting) {
      const fields = (await elly.record(connection, 'application', id)) as Record<string, unknown> | null;
      const stage = (detail['toStage'] ?? detail['to']) as string | number | undefined;
      const there =
        stage === undefined ? fields?.['status'] === 'rejected' : fields?.['stage_remote_id'] === String(stage);
      if (there) waiting.delete(id);
    }
    await sleep(POLL_MS);
  }
  return operations.length - waiting.size;
}

function nameOf(stages: readonly HostStage[], id: string): string {
  return stages.find((stage) => stage.id === id)?.name ?? id;
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
