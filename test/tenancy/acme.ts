import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { MikroORM } from '@mikro-orm/postgresql';
import { FolderFileStore } from '../../apps/elly/src/files/folder-file-store.js';
import type { RunningElly } from '../../apps/elly/src/testing/running-elly.js';

/** One of everything in workspace Acme: what a stranger must not reach. */
export interface Acme {
  /** For a placeholder: the name of the collection that it stands behind and its own, as `jobs/id`. */
  readonly placeholders: Readonly<Record<string, string>>;
  /** For an id in a body or a query, by the property's name. */
  readonly properties: Readonly<Record<string, string>>;
  /** For a route that wants something asked, its query. */
  readonly queries: Readonly<Record<string, string>>;
  /** A second connection of Acme. */
  readonly otherConnection: string;
}

export async function fillAcme(running: RunningElly): Promise<Acme> {
  const em = running.elly.app.get(MikroORM).em.fork();
  const one = async (sql: string, values: unknown[] = []): Promise<string> => {
    const [row] = await em.getConnection().execute<{ id: string }[]>(sql, values);
    if (row === undefined) throw new Error(`Acme has none: ${sql}`);
    return row.id;
  };
  const run = (sql: string, values: unknown[] = []) => em.getConnection().execute(sql, values, 'run');
  const workspace = await one(`select workspace_id as id from elly.users where email = 'ada@acme.example'`);
  const job = await one(`select id from elly.jobs where workspace_id = ? and source = 'manual' limit 1`, [workspace]);
  const candidate = await one(`select id from elly.candidates where workspace_id = ? limit 1`, [workspace]);
  const application = await one(`select id from elly.applications where workspace_id = ? limit 1`, [workspace]);
  const stage = await one(`select id from elly.stages where workspace_id = ? order by position limit 1`, [workspace]);
  const connections = [randomUUID(), randomUUID()] as const;
  for (const [index, id] of connections.entries()) {
    await run(
      `insert into ats.connections (id, workspace_id, provider, status, status_reason, sealed_credentials, created_by, created_at)
       values (?, ?, 'greenhouse', ?, 'Sign in again.', 'sealed', 'ada', now())`,
      [id, workspace, index === 0 ? 'active' : 'reconnect_required'],
    );
  }
  const [connection] = connections;
  const syncRun = randomUUID();
  await run(
    `insert into ats.sync_runs (id, connection_id, kind, trigger, status, epoch, window_until, queued_at, finished_at)
     values (?, ?, 'initial', 'connect', 'completed', 1, now(), now(), now())`,
    [syncRun, connection],
  );
  await run(
    `insert into ats.users (connection_id, remote_id, hash, version, name, active) values (?, 'u1', 'h', 1, 'U', true)`,
    [connection],
  );
  await run(`insert into ats.skipped_records (connection_id, kind, remote_id, reason) values (?, 'job', 'j1', 'no')`, [
    connection,
  ]);
  await run(
    `insert into ats.quarantined_records (connection_id, kind, row_key, reason, run_id) values (?, 'job', 'j2', 'no', ?)`,
    [connection, syncRun],
  );
  await run(
    `insert into ats.stage_mappings (connection_id, stage_key, stage_name, host_stage_id, status, confidence, reason, changed_at)
     values (?, 'x', 'Screen', ?, 'suggested', 1, 'alike', now())`,
    [connection, stage],
  );
  const [atsApplication, change] = [randomUUID(), randomUUID()];
  await run(
    `insert into ats.applications (id, connection_id, remote_id, hash, version, candidate_remote_id, status, custom_fields)
     values (?, ?, 'a1', 'h', 1, 'c1', 'active', '{}')`,
    [atsApplication, connection],
  );
  await run(
    `insert into ats.stage_stays (id, connection_id, remote_id, hash, version, application_remote_id, stage_remote_id)
     values (?, ?, 't1', 'h', 1, 'a1', 's1')`,
    [randomUUID(), connection],
  );
  await run(
    `insert into ats.stage_changes (id, connection_id, workspace_id, epoch, application_id, application_remote_id, status, to_stage_id,
       actor_user_id, baseline, reason, requested_at, settled_at)
     values (?, ?, ?, 1, ?, 'a1', 'refused', ?, 'ada', '{}', 'No.', now(), now())`,
    [change, connection, workspace, atsApplication, stage],
  );
  const atsCandidate = randomUUID();
  await run(
    `insert into ats.candidates (id, connection_id, remote_id, hash, version, name, emails, phones, links, tags, anonymised, custom_fields)
     values (?, ?, 'c1', 'h', 1, 'C', '[]', '[]', '[]', '[]', false, '{}')`,
    [atsCandidate, connection],
  );
  const fieldChange = randomUUID();
  await run(
    `insert into ats.field_changes (id, connection_id, workspace_id, epoch, candidate_id, candidate_remote_id, status, actor_user_id,
       reason, requested_at, settled_at)
     values (?, ?, ?, 1, ?, 'c1', 'refused', 'ada', 'No.', now(), now())`,
    [fieldChange, connection, workspace, atsCandidate],
  );
  await run(
    `insert into ats.field_change_values (change_id, field, status, reason) values (?, 'headline', 'refused', 'No.')`,
    [fieldChange],
  );
  const [duplicate, merge] = [randomUUID(), randomUUID()];
  await run(
    `insert into ats.duplicates (id, workspace_id, left_kind, left_id, right_kind, right_id, score, confidence, evidence, marks, found_at)
     values (?, ?, 'ats', ?, 'own', ?, 60, 'medium', '[]', '{}', now())`,
    [duplicate, workspace, atsCandidate, candidate],
  );
  await run(
    `insert into ats.candidate_merges (id, workspace_id, survivor_id, merged_kind, merged_id, choices, merged_by, merged_at)
     values (?, ?, ?, 'ats', ?, '{}', 'ada', now())`,
    [merge, workspace, atsCandidate, randomUUID()],
  );
  const files = running.elly.app.get(FolderFileStore, { strict: false });
  const stored = await files.put({
    key: candidate,
    filename: 'cv.pdf',
    contentType: 'application/pdf',
    stream: Readable.from([Buffer.from('%PDF')]),
  });
  await run(
    `insert into elly.resumes (candidate_id, reference, filename, content_type, size) values (?, ?, 'cv.pdf', 'application/pdf', 4)`,
    [candidate, stored.reference],
  );
  return {
    placeholders: {
      'jobs/id': job,
      'candidates/id': candidate,
      'applications/id': application,
      'stages/id': stage,
      'connections/connectionId': connection,
      'sync-runs/runId': syncRun,
      'applications/applicationId': atsApplication,
      'candidates/candidateId': atsCandidate,
      'stage-changes/changeId': change,
      'duplicates/duplicateId': duplicate,
      'merges/mergeId': merge,
      'records/kind': 'user',
      'records/remoteId': 'u1',
    },
    properties: { id: job, ids: stage, jobId: job, stageId: stage, after: change },
    queries: { '/ats/connections/{connectionId}/explain': 'remoteId=u1&kind=user' },
    otherConnection: connections[1],
  };
}

/** Everything that both schemas hold, by table: two of them are equal when nothing changed. */
export async function contents(running: RunningElly): Promise<Record<string, string>> {
  const em = running.elly.app.get(MikroORM).em.fork();
  const tables = await em
    .getConnection()
    .execute<{ name: string }[]>(
      `select table_schema || '.' || table_name as name from information_schema.tables where table_schema in ('ats', 'elly') order by 1`,
    );
  const sums = tables.map(
    ({ name }) =>
      `select '${name}' as name, count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' order by t::text)), '') as sum from ${name} t`,
  );
  const rows = await em.getConnection().execute<{ name: string; sum: string }[]>(sums.join(' union all '));
  return Object.fromEntries(rows.map(({ name, sum }) => [name, sum]));
}
