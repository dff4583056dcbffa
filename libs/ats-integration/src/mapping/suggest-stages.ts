import type { HostStage } from '../host/hiring-pipeline.port.js';
import { normaliseName } from './stage-key.js';
import { meaningOf } from './stage-meaning.js';

/** An ATS stage that wants a mapping; stages of several jobs with one key are one. */
export interface UnmappedStage {
  readonly key: string;
  readonly name: string;
  /** 0 for the first stage of its pipeline, 1 for the last. */
  readonly relativePosition: number;
}

export interface StageSuggestion {
  readonly key: string;
  readonly name: string;
  readonly hostStageId: string;
  /** 0 to 1. */
  readonly confidence: number;
  /** For a person: why this stage. */
  readonly reason: string;
}

/** Pure: the host's stage that each ATS stage most likely stands for, with the reason. None when the host has no stages. */
export function suggestStages(stages: readonly UnmappedStage[], hostStages: readonly HostStage[]): StageSuggestion[] {
  return stages.flatMap((stage) => {
    const suggestion =
      byName(stage, hostStages) ??
      byWords(stage, hostStages) ??
      byMeaning(stage, hostStages) ??
      byPosition(stage, hostStages);
    return suggestion === null ? [] : [{ key: stage.key, name: stage.name, ...suggestion }];
  });
}

type Verdict = Pick<StageSuggestion, 'hostStageId' | 'confidence' | 'reason'>;

function byName(stage: UnmappedStage, hostStages: readonly HostStage[]): Verdict | null {
  const name = normaliseName(stage.name);
  const same = hostStages.find((host) => normaliseName(host.name) === name);
  return same === undefined ? null : { hostStageId: same.id, confidence: 1, reason: `Both are called "${same.name}".` };
}

function byWords(stage: UnmappedStage, hostStages: readonly HostStage[]): Verdict | null {
  const words = new Set(normaliseName(stage.name).split(' '));
  const meaning = meaningOf(stage.name);
  // "Offer declined" shares a word with "Offer" and means the opposite.
  const overlaps = hostStages
    .filter((host) => meaning === null || host.kind === meaning)
    .map((host) => ({ host, share: shareOfWords(words, new Set(normaliseName(host.name).split(' '))) }))
    .sort((left, right) => right.share - left.share);
  const [best] = overlaps;
  if (best === undefined || best.share < 0.5) return null;
  return {
    hostStageId: best.host.id,
    confidence: 0.6 + 0.3 * best.share,
    reason: `"${stage.name}" and "${best.host.name}" share most of their words.`,
  };
}

function byMeaning(stage: UnmappedStage, hostStages: readonly HostStage[]): Verdict | null {
  const meaning = meaningOf(stage.name);
  if (meaning === null) return null;
  const same = hostStages.filter((host) => host.kind === meaning);
  if (same.length === 0) return null;
  const [first] = same;
  const host = same.length === 1 ? first : nearest(stage.relativePosition, same, hostStages);
  if (host === undefined) return null;
  const confidence = same.length === 1 ? 0.8 : 0.65;
  return {
    hostStageId: host.id,
    confidence,
    reason: `"${stage.name}" reads like a stage of the kind "${meaning}", which "${host.name}" is.`,
  };
}

function byPosition(stage: UnmappedStage, hostStages: readonly HostStage[]): Verdict | null {
  // Nobody should be taken for hired or rejected because a stage stands at the end.
  const open = hostStages.filter((host) => host.kind !== 'hired' && host.kind !== 'rejected' && host.kind !== 'lead');
  const host = nearest(stage.relativePosition, open, open);
  if (host === undefined) return null;
  return {
    hostStageId: host.id,
    confidence: 0.3,
    reason: `Nothing in its name helps; it stands about where "${host.name}" stands.`,
  };
}

function nearest(position: number, among: readonly HostStage[], pipeline: readonly HostStage[]): HostStage | undefined {
  const ordered = [...pipeline].sort((left, right) => left.position - right.position);
  const last = Math.max(1, ordered.length - 1);
  const distance = (host: HostStage): number => Math.abs(ordered.indexOf(host) / last - position);
  return [...among].sort((left, right) => distance(left) - distance(right) || left.position - right.position)[0];
}

function shareOfWords(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const common = [...left].filter((word) => right.has(word)).length;
  return common / Math.max(left.size, right.size);
}
