import { randomUUIDv7 } from 'node:crypto';
import type { PipelineBatch } from '@elly/ats-integration';
import type { EntityManager } from '@mikro-orm/postgresql';
import { boundQuery } from '../database/bound-query.js';

const SQL = `
insert into elly.candidates as kept (id, workspace_id, name, emails, phones, headline, company, location, anonymised,
                                     source, provider, provider_name, connection_id, ats_record_id)
select given.id, $2, given.name, given.emails, given.phones, given.headline, given.company, given.location,
       given.anonymised, 'ats', $3, $4, $5, given.ats_record_id
  from jsonb_to_recordset($1::jsonb) as given(id uuid, ats_record_id uuid, name text, emails text[], phones text[], headline text,
                                              company text, location text, anonymised boolean)
on conflict (ats_record_id) do update
   set name = excluded.name, emails = excluded.emails, phones = excluded.phones, headline = excluded.headline,
       company = excluded.company, location = excluded.location,
       anonymised = excluded.anonymised, provider_name = excluded.provider_name, connection_id = excluded.connection_id,
       updated_at = now()
 where kept.workspace_id = excluded.workspace_id`;

const FORGET_RESUMES = `
delete from elly.resumes where candidate_id in (select id from elly.candidates where ats_record_id = any($1::uuid[]))`;

export async function importCandidates(batch: PipelineBatch, em: EntityManager): Promise<number> {
  const rows = batch.candidates.map(({ id, record }) => ({
    id: randomUUIDv7(),
    ats_record_id: id,
    name: record.name,
    emails: record.emails.map(({ value }) => value),
    phones: record.phones.map(({ value }) => value),
    headline: record.headline,
    company: record.company,
    location: record.location,
    anonymised: record.anonymised,
  }));
  const { affected } = await boundQuery(em, SQL, [
    JSON.stringify(rows),
    batch.workspaceId,
    batch.provider.id,
    batch.provider.name,
    batch.connectionId,
  ]);
  const anonymised = batch.candidates.filter(({ record }) => record.anonymised).map(({ id }) => id);
  if (anonymised.length > 0) await boundQuery(em, FORGET_RESUMES, [anonymised]);
  return affected;
}
