import type { GoneChange, PipelineBatch } from '@elly/ats-integration';
import type { EntityManager } from '@mikro-orm/postgresql';
import { boundQuery } from '../database/bound-query.js';

const MARK = (table: string): string => `
update elly.${table} kept set gone = given.tombstone
  from unnest($1::uuid[], $2::text[]) as given(id, tombstone)
 where kept.ats_record_id = given.id and kept.workspace_id = $3`;

const ERASE = `
update elly.candidates set name = '', emails = '{}', phones = '{}', headline = null, company = null, location = null,
       anonymised = true, updated_at = now()
 where workspace_id = $2 and (ats_record_id = any($1::uuid[]) or source = 'manual' and merged_into in (
   select id from elly.candidates where ats_record_id = any($1::uuid[]) and workspace_id = $2))`;

const FORGET_RESUMES = `
delete from elly.resumes where candidate_id in
  (select id from elly.candidates where ats_record_id = any($1::uuid[]) and workspace_id = $2)`;

const FORGET_FILES = `
delete from elly.resumes kept using elly.candidates candidate
 where kept.candidate_id = candidate.id and candidate.workspace_id = $2 and kept.reference = any($1::text[])`;

const HAND_ON = `
update elly.applications kept set candidate_id = survivor.id
  from unnest($1::uuid[], $2::uuid[]) as given(id, into_id)
  join elly.candidates merged on merged.ats_record_id = given.id and merged.workspace_id = $3
  join elly.candidates survivor on survivor.ats_record_id = given.into_id and survivor.workspace_id = $3
 where kept.candidate_id = merged.id`;

/** Rows that are gone in the ATS stay and are marked; a person who was merged hands the applications on; one who was anonymised is erased, with what was merged into it by hand. A file that is destroyed is forgotten. */
export async function importGone(batch: PipelineBatch, em: EntityManager): Promise<void> {
  const { workspaceId } = batch;
  const of = (kind: GoneChange['kind']): readonly GoneChange[] => batch.gone.filter((change) => change.kind === kind);
  for (const [kind, table] of [
    ['job', 'jobs'],
    ['candidate', 'candidates'],
    ['application', 'applications'],
  ] as const) {
    const marked = of(kind).filter(({ tombstone }) => tombstone !== 'anonymised');
    if (marked.length > 0)
      await boundQuery(em, MARK(table), [ids(marked), marked.map(({ tombstone }) => tombstone), workspaceId]);
  }
  const merged = of('candidate').filter(({ intoId }) => intoId !== null);
  if (merged.length > 0) await boundQuery(em, HAND_ON, [ids(merged), merged.map(({ intoId }) => intoId), workspaceId]);
  const files = of('resume').flatMap(({ reference }) => reference ?? []);
  if (files.length > 0) await boundQuery(em, FORGET_FILES, [files, workspaceId]);
  const erased = ids(of('candidate').filter(({ tombstone }) => tombstone === 'anonymised'));
  if (erased.length === 0) return;
  await boundQuery(em, ERASE, [erased, workspaceId]);
  await boundQuery(em, FORGET_RESUMES, [erased, workspaceId]);
}

function ids(changes: readonly GoneChange[]): string[] {
  return changes.map(({ id }) => id);
}
