import type { EntityManager } from '@mikro-orm/postgresql';
import { query } from '../database/query.js';
import type { PersonRef } from '../host/hiring-pipeline.port.js';
import type { MergeChoices } from './person-group.js';

/** A merge as its audit says it: who, when, what was chosen, and whether it still stands. */
export interface MergeView {
  readonly id: string;
  /** The record that the other one was merged into. */
  readonly survivor: PersonRef;
  readonly merged: PersonRef;
  readonly choices: MergeChoices;
  readonly mergedBy: string;
  readonly mergedAt: Date;
  readonly undoneBy: string | null;
  readonly undoneAt: Date | null;
}

type MergeRow = Omit<MergeView, 'survivor' | 'merged'> & {
  readonly survivorId: string;
  readonly mergedKind: PersonRef['kind'];
  readonly mergedId: string;
};

const VIEW = `select id, survivor_id as "survivorId", merged_kind as "mergedKind", merged_id as "mergedId", choices,
  merged_by as "mergedBy", merged_at as "mergedAt", undone_by as "undoneBy", undone_at as "undoneAt" from ats.candidate_merges m`;

/** Newest first, from behind the merge `after`. */
export async function readMerges(
  em: EntityManager,
  workspaceId: string,
  page: { readonly after?: string | undefined; readonly limit: number },
): Promise<MergeView[]> {
  const rows = await query<MergeRow>(
    em,
    `${VIEW} where workspace_id = $1
       and ($2::uuid is null or nth < (select nth from ats.candidate_merges where id = $2 and workspace_id = $1))
     order by nth desc limit $3`,
    [workspaceId, page.after ?? null, page.limit],
    ['mergedAt', 'undoneAt'],
  );
  return rows.map(toView);
}

export async function readMerge(em: EntityManager, workspaceId: string, id: string): Promise<MergeView | null> {
  const [row] = await query<MergeRow>(
    em,
    `${VIEW} where workspace_id = $1 and id = $2`,
    [workspaceId, id],
    ['mergedAt', 'undoneAt'],
  );
  return row === undefined ? null : toView(row);
}

function toView({ survivorId, mergedKind, mergedId, ...row }: MergeRow): MergeView {
  return { ...row, survivor: { kind: 'ats', id: survivorId }, merged: { kind: mergedKind, id: mergedId } };
}
