import type { ApplicationRecord } from '../contract/records.js';
import type { HostStage, HostStageKind, Placement } from '../host/hiring-pipeline.port.js';
import { jobKey, nameKey } from './stage-key.js';
import { meaningOf } from './stage-meaning.js';

export interface MappedStage {
  readonly hostStageId: string;
  readonly confirmed: boolean;
  readonly confidence: number;
}

/** What placing needs to know; read once for a run. */
export interface PlacementContext {
  readonly hostStages: readonly HostStage[];
  /** By stage key; the override of one job by its `jobKey`. */
  readonly mappings: ReadonlyMap<string, MappedStage>;
  /** The key of an ATS stage by its remote id. */
  readonly stageKeys: ReadonlyMap<string, string>;
}

type Placed = Pick<ApplicationRecord, 'status' | 'stageRemoteId' | 'stageName' | 'jobRemoteId'>;

/** A weaker suggestion than this is no better than the nearest stage, and the application is marked. */
const SUGGESTION_COUNTS_FROM = 0.5;

/** Pure: the host's stage for an application, and how we came to it. Null only when the host has no stages at all. */
export function placeApplication(application: Placed, context: PlacementContext): Placement | null {
  const byStatus = stageOfStatus(application.status, context.hostStages);
  if (byStatus !== undefined) return { stageId: byStatus.id, how: 'status' };
  const mapping = mappingFor(application, context);
  if (mapping !== undefined && context.hostStages.some((stage) => stage.id === mapping.hostStageId)) {
    if (mapping.confirmed) return { stageId: mapping.hostStageId, how: 'mapped' };
    if (mapping.confidence >= SUGGESTION_COUNTS_FROM) return { stageId: mapping.hostStageId, how: 'suggested' };
    return { stageId: mapping.hostStageId, how: 'nearest' };
  }
  const fallback = nearestStage(application, context.hostStages);
  return fallback === undefined ? null : { stageId: fallback.id, how: 'nearest' };
}

function stageOfStatus(status: ApplicationRecord['status'], hostStages: readonly HostStage[]): HostStage | undefined {
  if (status === 'hired') return hostStages.find((stage) => stage.kind === 'hired');
  if (status === 'rejected') return hostStages.find((stage) => stage.kind === 'rejected');
  return undefined;
}

/** The mapping of the stage that an application stands in: its job's own before the one of all stages of that name. */
export function mappingFor(
  { stageRemoteId, stageName, jobRemoteId }: Pick<Placed, 'stageRemoteId' | 'stageName' | 'jobRemoteId'>,
  { stageKeys, mappings }: PlacementContext,
): MappedStage | undefined {
  const keys = [
    stageRemoteId === null ? undefined : stageKeys.get(stageRemoteId),
    stageName === null ? undefined : nameKey(stageName),
  ];
  for (const key of keys) {
    if (key === undefined) continue;
    const mapping = (jobRemoteId === null ? undefined : mappings.get(jobKey(jobRemoteId, key))) ?? mappings.get(key);
    if (mapping !== undefined) return mapping;
  }
  return undefined;
}

function nearestStage(application: Placed, hostStages: readonly HostStage[]): HostStage | undefined {
  const meaning: HostStageKind | null = application.stageName === null ? null : meaningOf(application.stageName);
  const ordered = [...hostStages].sort((left, right) => left.position - right.position);
  const ofKind = (kind: HostStageKind): HostStage | undefined => ordered.find((stage) => stage.kind === kind);
  return (
    (meaning === null ? undefined : ofKind(meaning)) ??
    (application.jobRemoteId === null ? ofKind('lead') : undefined) ??
    ofKind('applied') ??
    ordered[0]
  );
}
