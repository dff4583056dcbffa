import type { PipelineBatch } from './hiring-pipeline.port.js';

/** A batch with these changes and no others. */
export function batchOf(
  connection: { readonly id: string; readonly workspaceId: string },
  { id, name }: PipelineBatch['provider'],
  changes: Partial<PipelineBatch>,
): PipelineBatch {
  const { id: connectionId, workspaceId } = connection;
  const nothing = { jobs: [], candidates: [], applications: [], resumes: [], gone: [] };
  return { workspaceId, connectionId, provider: { id, name }, ...nothing, ...changes };
}
