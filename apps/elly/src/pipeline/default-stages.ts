import type { HostStageKind } from '@elly/ats-integration';
import { Stage } from './stage.entity.js';

const DEFAULTS: readonly (readonly [name: string, kind: HostStageKind])[] = [
  ['Lead', 'lead'],
  ['Applied', 'applied'],
  ['Screen', 'screen'],
  ['Interview', 'interview'],
  ['Offer', 'offer'],
  ['Hired', 'hired'],
  ['Rejected', 'rejected'],
];

/** What a new workspace starts with; it may rename, reorder and add. */
export function defaultStages(workspaceId: string): readonly Stage[] {
  return DEFAULTS.map(([name, kind], position) => new Stage({ workspaceId, name, kind, position }));
}
