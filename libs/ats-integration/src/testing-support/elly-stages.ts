import type { HostStage, HostStageKind } from '../host/hiring-pipeline.port.js';

const NAMES: readonly (readonly [string, HostStageKind])[] = [
  ['Lead', 'lead'],
  ['Applied', 'applied'],
  ['Screen', 'screen'],
  ['Interview', 'interview'],
  ['Offer', 'offer'],
  ['Hired', 'hired'],
  ['Rejected', 'rejected'],
];

/** The stages that a workspace of Elly begins with; each one's id is its kind. */
export const ELLY_STAGES: readonly HostStage[] = NAMES.map(([name, kind], position) => ({
  id: kind,
  name,
  kind,
  position,
}));
