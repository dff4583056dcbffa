import { stageKeyOf } from './stage-key.js';

/** An ATS stage as it was, or is. */
export interface KnownStage {
  readonly remoteId: string;
  readonly name: string;
  /** Null where the ATS has one pipeline for the account. */
  readonly jobRemoteId: string | null;
  readonly position: number;
}

export const STAGE_ISSUES = ['stage-added', 'stage-renamed', 'stage-removed', 'stages-reordered'] as const;
export type StageIssueCode = (typeof STAGE_ISSUES)[number];

export interface StageNews {
  readonly code: StageIssueCode;
  /** The stage's key, or of a new order the pipeline: tells news of one code apart. */
  readonly subject: string;
  /** For an admin: what changed and what to do. `ats`: its name. */
  readonly message: (ats: string) => string;
}

/**
 * Pure: what became of an ATS's stages. Stages of several jobs with one name are one piece of news. Nothing is news to who
 * knew no stage before, and neither is a new job whose stages have names that are known.
 */
export function compareStages(before: readonly KnownStage[], now: readonly KnownStage[]): StageNews[] {
  if (before.length === 0) return [];
  const news = new Map<string, StageNews>();
  const tell = (one: StageNews): void => void news.set(`${one.code} ${one.subject}`, one);
  const old = new Map(before.map((stage) => [stage.remoteId, stage]));
  const current = new Map(now.map((stage) => [stage.remoteId, stage]));
  const oldKeys = new Set(before.map(stageKeyOf));
  const currentKeys = new Set(now.map(stageKeyOf));
  const renamedTo = new Set<string>();
  for (const stage of now) {
    const was = old.get(stage.remoteId);
    if (was === undefined || was.name === stage.name) continue;
    renamedTo.add(stageKeyOf(stage));
    tell(renamed(was, stage));
  }
  for (const stage of now) {
    const key = stageKeyOf(stage);
    if (!old.has(stage.remoteId) && !oldKeys.has(key) && !renamedTo.has(key)) tell(added(stage));
  }
  for (const stage of before) {
    if (!current.has(stage.remoteId) && !currentKeys.has(stageKeyOf(stage))) tell(removed(stage));
  }
  for (const pipeline of new Set(now.map(({ jobRemoteId }) => jobRemoteId))) {
    if (isReordered(inOrder(before, pipeline), inOrder(now, pipeline))) tell(reordered(pipeline, now));
  }
  return [...news.values()];
}

function added(stage: KnownStage): StageNews {
  return {
    code: 'stage-added',
    subject: stageKeyOf(stage),
    message: (ats) =>
      `${ats} has a new stage "${stage.name}". Applications there stand at the stage that Elly suggests; look at the stage mapping and confirm or change it.`,
  };
}

function renamed(was: KnownStage, stage: KnownStage): StageNews {
  const kept = stageKeyOf(was) === stageKeyOf(stage);
  return {
    code: 'stage-renamed',
    subject: stageKeyOf(stage),
    message: (ats) =>
      kept
        ? `${ats} renamed the stage "${was.name}" to "${stage.name}". It is mapped as before; look at the stage mapping whether that still fits.`
        : `${ats} renamed the stage "${was.name}" to "${stage.name}". Stages of all jobs are mapped by their names, so "${stage.name}" wants its own entry: confirm it in the stage mapping.`,
  };
}

function removed(stage: KnownStage): StageNews {
  return {
    code: 'stage-removed',
    subject: stageKeyOf(stage),
    message: (ats) =>
      `${ats} no longer has the stage "${stage.name}". Moves to what it was mapped to may have nowhere to go now: look at the stage mapping and confirm another stage.`,
  };
}

function reordered(pipeline: string | null, now: readonly KnownStage[]): StageNews {
  const names = inOrder(now, pipeline).map(({ name }) => `"${name}"`);
  return {
    code: 'stages-reordered',
    subject: pipeline ?? '',
    message: (ats) =>
      `${ats} has its stages ${pipeline === null ? '' : 'of one job '}in another order now: ${names.join(', ')}. Mappings stay as they are; look at the stage mapping whether they still fit.`,
  };
}

function inOrder(stages: readonly KnownStage[], pipeline: string | null): KnownStage[] {
  return stages
    .filter(({ jobRemoteId }) => jobRemoteId === pipeline)
    .sort((left, right) => left.position - right.position || (left.remoteId < right.remoteId ? -1 : 1));
}

/** Only those that stand in both tell: adding and removing is no new order. */
function isReordered(before: readonly KnownStage[], now: readonly KnownStage[]): boolean {
  const current = new Set(now.map(({ remoteId }) => remoteId));
  const old = new Set(before.map(({ remoteId }) => remoteId));
  const was = before.filter(({ remoteId }) => current.has(remoteId));
  const is = now.filter(({ remoteId }) => old.has(remoteId));
  return was.some(({ remoteId }, at) => is[at]?.remoteId !== remoteId);
}
