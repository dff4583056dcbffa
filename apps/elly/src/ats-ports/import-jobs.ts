import type { PipelineBatch } from '@elly/ats-integration';
import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import { boundQuery } from '../database/bound-query.js';

const SQL = `
insert into elly.jobs as kept (id, workspace_id, title, description, status, department, location, url,
                               source, provider, provider_name, connection_id, ats_record_id)
select given.id, $2, given.title, given.description, given.status, given.department, given.location, given.url,
       'ats', $3, $4, $5, given.ats_record_id
  from jsonb_to_recordset($1::jsonb) as given(id uuid, ats_record_id uuid, title text, description text, status text,
                                              department text, location text, url text)
on conflict (ats_record_id) do update
   set title = excluded.title, description = excluded.description, status = excluded.status, department = excluded.department,
       location = excluded.location, url = excluded.url, provider_name = excluded.provider_name,
       connection_id = excluded.connection_id, gone = null, updated_at = now()
 where kept.workspace_id = excluded.workspace_id`;

export async function importJobs(batch: PipelineBatch, em: EntityManager): Promise<number> {
  const rows = batch.jobs.map(({ id, record }) => ({
    id: uuidv7(),
    ats_record_id: id,
    title: record.title,
    description: record.descriptionHtml,
    status: record.status,
    department: record.department,
    location: record.location,
    url: record.url,
  }));
  const { affected } = await boundQuery(em, SQL, [
    JSON.stringify(rows),
    batch.workspaceId,
    batch.provider.id,
    batch.provider.name,
    batch.connectionId,
  ]);
  return affected;
}
