import type pg from 'pg';

/** Everything that an import leaves behind, by the ids of the ATS: the same whatever ids were drawn here. */
const CONTENT: Readonly<Record<string, string>> = {
  jobs: `select c.provider, r.remote_id, r.hash, r.tombstone, r.open, r.people_imported from ats.jobs r`,
  stages: `select c.provider, r.remote_id, r.hash, r.tombstone from ats.stages r`,
  users: `select c.provider, r.remote_id, r.hash, r.tombstone from ats.users r`,
  candidates: `select c.provider, r.remote_id, r.hash, r.tombstone from ats.candidates r`,
  applications: `select c.provider, r.remote_id, r.hash, r.tombstone, r.placed_how, s.name as placed_on
    from ats.applications r left join elly.stages s on s.id::text = r.host_stage_id`,
  skipped: `select c.provider, r.kind, r.remote_id, r.reason from ats.skipped_records r`,
  quarantined: `select c.provider, r.kind, r.row_key, r.reason from ats.quarantined_records r`,
  mappings: `select c.provider, r.stage_key, r.status, s.name as mapped_to
    from ats.stage_mappings r left join elly.stages s on s.id::text = r.host_stage_id`,
  hostJobs: `select c.provider, r.remote_id, h.title, h.status, h.source from elly.jobs h join ats.jobs r on r.id = h.ats_record_id`,
  hostCandidates: `select c.provider, r.remote_id, h.name, h.emails, h.phones
    from elly.candidates h join ats.candidates r on r.id = h.ats_record_id`,
  hostApplications: `select c.provider, r.remote_id, h.status, h.placement, s.name as stage, p.remote_id as candidate, j.remote_id as job
    from elly.applications h join ats.applications r on r.id = h.ats_record_id
    left join elly.stages s on s.id = h.stage_id
    left join elly.candidates hp on hp.id = h.candidate_id left join ats.candidates p on p.id = hp.ats_record_id
    left join elly.jobs hj on hj.id = h.job_id left join ats.jobs j on j.id = hj.ats_record_id`,
};

const RESUMES = `select c.provider, r.remote_id, r.candidate_remote_id, r.filename, r.file_state, r.file_size::int, r.file_note,
    h.size::int as host_size from ats.resumes r
    left join ats.candidates p on p.connection_id = r.connection_id and p.remote_id = r.candidate_remote_id
    left join elly.candidates hp on hp.ats_record_id = p.id
    left join elly.resumes h on h.candidate_id = hp.id and h.reference = r.file_reference`;

export type Content = Readonly<Record<string, readonly string[]>>;

/** A line for each row, sorted. */
export async function contentOf(database: pg.Pool): Promise<Content> {
  const content: Record<string, readonly string[]> = {};
  for (const [name, sql] of Object.entries(CONTENT)) content[name] = await linesOf(database, sql);
  return content;
}

export function resumesOf(database: pg.Pool): Promise<readonly string[]> {
  return linesOf(database, RESUMES);
}

async function linesOf(database: pg.Pool, sql: string): Promise<readonly string[]> {
  const { rows } = await database.query<object>(`${sql} join ats.connections c on c.id = r.connection_id`);
  return rows.map((row) => JSON.stringify(row)).sort();
}
