import type { MoveReason } from '../contract/stage-change.js';
import type { HostStage } from '../host/hiring-pipeline.port.js';
import type { DefaultReasons } from '../connections/connection-settings.js';
import { mappingFor } from '../mapping/place-application.js';
import type { PlacementContext } from '../mapping/place-application.js';
import type { Target } from './plan-move.js';
import type { Standing } from './standing.js';

export interface PipelineStage {
  readonly remoteId: string;
  readonly name: string;
  readonly jobRemoteId: string | null;
  readonly position: number;
  readonly active: boolean;
}

export interface Rejection {
  readonly reasonRemoteId: string | null;
  readonly note: string | null;
}

export interface TargetQuestion {
  /** The ATS's name. */
  readonly ats: string;
  readonly toStageId: string;
  readonly rejection: Rejection | null;
  readonly standing: Standing;
  readonly placement: PlacementContext;
  /** The connection's stages. */
  readonly stages: readonly PipelineStage[];
  readonly stagesBelongTo: 'job' | 'account';
  readonly defaults: DefaultReasons;
  /** Asked only for a rejection or a hire. */
  readonly reasons: readonly MoveReason[];
}

export type TargetAnswer =
  | { readonly found: 'target'; readonly target: Target }
  /** No stage of the ATS is confirmed for this one yet. */
  | { readonly found: 'unmapped'; readonly stage: HostStage }
  /** `why`: a whole sentence. */
  | { readonly found: 'nothing'; readonly code: string; readonly why: string };

/** Pure: what a stage of the host means in the ATS, for one application. Only mappings that an admin confirmed count. */
export function resolveTarget(question: TargetQuestion): TargetAnswer {
  const stage = question.placement.hostStages.find(({ id }) => id === question.toStageId);
  if (stage === undefined) {
    return nothing('unknown-stage', 'The stage that this application was moved to does not exist any more.');
  }
  if (stage.kind === 'rejected') return rejectionOf(question);
  if (stage.kind === 'hired') return hireOf(question);
  const { jobRemoteId, stageRemoteId } = question.standing;
  if (question.stagesBelongTo === 'job' && jobRemoteId === null) {
    return nothing(
      'no-job',
      'This person has not applied to a job, and only jobs have stages. Add them to a job first.',
    );
  }
  const fitting = stagesFor(stage, question);
  const chosen = fitting.find(({ remoteId }) => remoteId === stageRemoteId) ?? fitting[0];
  if (chosen === undefined) return { found: 'unmapped', stage };
  return { found: 'target', target: { kind: 'stage', stageRemoteId: chosen.remoteId } };
}

function stagesFor(stage: HostStage, { placement, stages, standing }: TargetQuestion): PipelineStage[] {
  return stages
    .filter(({ active, jobRemoteId }) => active && (jobRemoteId === null || jobRemoteId === standing.jobRemoteId))
    .filter(({ remoteId, name, jobRemoteId }) => {
      const mapping = mappingFor({ stageRemoteId: remoteId, stageName: name, jobRemoteId }, placement);
      return mapping?.confirmed === true && mapping.hostStageId === stage.id;
    })
    .sort((left, right) => left.position - right.position || (left.remoteId < right.remoteId ? -1 : 1));
}

function rejectionOf({ ats, rejection, defaults, reasons }: TargetQuestion): TargetAnswer {
  const choice = rejection?.reasonRemoteId ?? defaults.reject ?? null;
  const refusal = refusalOf(ats, choice, reasons, 'reject');
  if (refusal !== null) return refusal;
  return { found: 'target', target: { kind: 'reject', reasonRemoteId: choice, note: rejection?.note ?? null } };
}

function hireOf({ ats, defaults, reasons }: TargetQuestion): TargetAnswer {
  const choosable = reasons.filter((reason) => reason.of === 'hire');
  const only = choosable.length === 1 ? choosable[0] : undefined;
  const choice = defaults.hire ?? only?.remoteId ?? null;
  const refusal = refusalOf(ats, choice, reasons, 'hire');
  if (refusal !== null) return refusal;
  return { found: 'target', target: { kind: 'hire', reasonRemoteId: choice, startsOn: null } };
}

function refusalOf(
  ats: string,
  choice: string | null,
  reasons: readonly MoveReason[],
  of: MoveReason['of'],
): TargetAnswer | null {
  const choosable = reasons.filter((reason) => reason.of === of);
  const doing = of === 'reject' ? 'rejects' : 'hires';
  if (choice === null) {
    if (choosable.length === 0) return null;
    return nothing(
      'reason-missing',
      `${ats} wants a reason from whoever ${doing} somebody. Choose a reason and try again.`,
    );
  }
  if (choosable.some(({ remoteId }) => remoteId === choice)) return null;
  return nothing(
    'reason-unknown',
    `${ats} does not have the chosen reason any more. Choose another one and try again.`,
  );
}

function nothing(code: string, why: string): TargetAnswer {
  return { found: 'nothing', code, why };
}
