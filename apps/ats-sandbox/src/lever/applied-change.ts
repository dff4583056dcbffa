import type { AppliedChange, SandboxRecordKind } from '../simulator.js';

/** What a change did, for whoever asked for it. */
export function appliedChange(
  op: string,
  kind: SandboxRecordKind,
  id: string,
  detail: Readonly<Record<string, unknown>>,
): AppliedChange {
  return { op, kind, id, detail };
}
