import type { AtsProvider, StreamSpec } from '../contract/ats-provider.js';
import type { RecordKind } from '../contract/records.js';

/** What a record needs to have been imported before it: whatever a provider declares comes on top. */
const NEEDS: Readonly<Record<RecordKind, readonly RecordKind[]>> = {
  user: [],
  job: [],
  stage: [],
  application: ['job', 'stage'],
  candidate: ['job', 'stage'],
  resume: ['candidate'],
  'stage-stay': ['application'],
};

/** Names of the streams that must have ended before this one starts. */
export function streamsBefore(provider: AtsProvider, stream: StreamSpec<unknown>): readonly string[] {
  // What its own rows bring it needs of nobody: a feed of deletions of the same kind may be waiting for it.
  const needed = new Set(stream.kinds.flatMap((kind) => NEEDS[kind]).filter((kind) => !stream.kinds.includes(kind)));
  const byKind = provider.streams
    .filter((other) => other.name !== stream.name && other.kinds.some((kind) => needed.has(kind)))
    .map((other) => other.name);
  return [...new Set([...stream.after, ...byKind])];
}
