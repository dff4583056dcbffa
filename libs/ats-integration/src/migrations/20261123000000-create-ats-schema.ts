import { Migration } from '@mikro-orm/migrations';

/** Ids of the ATS are compared byte by byte (`collate "C"`): no language has an order for them, and indexes in it are slower. */
const RECORD_COLUMNS = `
  id uuid not null default gen_random_uuid(),
  connection_id uuid not null references ats.connections (id),
  remote_id text collate "C" not null,
  hash text not null,
  version bigint not null,
  tombstone text,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now()`;

/**
 * Where rows are updated in place: room on the page keeps updates off the indexes. People and applications change
 * together, a page of the ATS at a time, and find room only if every row of a page has room for a second version.
 */
const ROOM = { fewChange: 'with (fillfactor = 85)', manyChange: 'with (fillfactor = 50)' } as const;

/** The library's own schema. Hosts never write into it. */
export class CreateAtsSchema extends Migration {
  override up(): void {
    this.addSql('create schema if not exists ats');
    this.connections();
    this.runs();
    this.records();
    this.mappingsAndOutbox();
  }

  override down(): void {
    this.addSql('drop schema ats cascade');
  }

  private connections(): void {
    this.addSql(`create table ats.connections (
      id uuid primary key,
      workspace_id text not null,
      provider text not null,
      status text not null check (status in ('authorizing', 'active', 'reconnect_required', 'suspended', 'disconnected')),
      status_reason text,
      epoch int not null default 1,
      remote_account_id text,
      remote_account_name text,
      authorised_by text,
      warnings jsonb not null default '[]',
      scopes jsonb not null default '[]',
      settings jsonb not null default '{}',
      sealed_credentials text,
      credentials_version int not null default 0,
      access_expires_at timestamptz,
      refresh_expires_at timestamptz,
      refresh_fence int not null default 0,
      refresh_lease_until timestamptz,
      refresh_attempt_at timestamptz,
      next_run_at timestamptz,
      resumes_lease_until timestamptz,
      last_synced_at timestamptz,
      created_by text not null,
      created_at timestamptz not null,
      constraint connections_active_has_credentials check (status not in ('active', 'suspended') or sealed_credentials is not null),
      constraint connections_disconnected_has_none check (status <> 'disconnected' or sealed_credentials is null)
    )`);
    this
      .addSql(`create unique index connections_one_per_account on ats.connections (workspace_id, provider, remote_account_id)
      where remote_account_id is not null and status in ('active', 'reconnect_required', 'suspended')`);
    this.addSql(`create index connections_due on ats.connections (next_run_at) where status = 'active'`);
    this.addSql(`create index connections_workspace on ats.connections (workspace_id)`);
    this.addSql(`create table ats.connect_states (
      state_hash text primary key,
      connection_id uuid not null references ats.connections (id) on delete cascade,
      workspace_id text not null,
      user_id text not null,
      provider text not null,
      redirect_uri text not null,
      sealed_verifier text,
      expires_at timestamptz not null,
      used_at timestamptz
    )`);
  }

  private runs(): void {
    this.addSql(`create table ats.sync_runs (
      id uuid primary key,
      connection_id uuid not null references ats.connections (id),
      kind text not null check (kind in ('initial', 'incremental', 'resync', 'targeted', 'reconcile')),
      trigger text not null,
      status text not null check (status in ('queued', 'running', 'completed', 'failed', 'aborted')),
      epoch int not null,
      window_since timestamptz,
      window_until timestamptz not null,
      fence int not null default 0,
      lease_until timestamptz,
      not_before timestamptz,
      attempts int not null default 0,
      requests int not null default 0,
      fault_code text,
      fault_message text,
      queued_at timestamptz not null,
      started_at timestamptz,
      finished_at timestamptz,
      constraint sync_runs_finished_when_over check ((status in ('completed', 'failed', 'aborted')) = (finished_at is not null))
    )`);
    this.addSql(
      `create unique index sync_runs_one_active on ats.sync_runs (connection_id) where status in ('queued', 'running')`,
    );
    this.addSql(`create index sync_runs_history on ats.sync_runs (connection_id, queued_at desc)`);
    this.addSql(`create table ats.sync_streams (
      run_id uuid not null references ats.sync_runs (id) on delete cascade,
      stream text not null,
      status text not null check (status in ('pending', 'running', 'done')),
      cursor jsonb,
      pages int not null default 0,
      total int,
      counts jsonb not null default '{}',
      primary key (run_id, stream)
    )`);
    this.addSql(`create table ats.sync_watermarks (
      connection_id uuid not null references ats.connections (id),
      stream text not null,
      complete_until timestamptz not null,
      primary key (connection_id, stream)
    )`);
    this.addSql(`create table ats.quarantined_records (
      connection_id uuid not null references ats.connections (id),
      kind text not null,
      row_key text collate "C" not null,
      remote_id text collate "C",
      reason text not null,
      run_id uuid not null,
      first_seen_at timestamptz not null default now(),
      last_seen_at timestamptz not null default now(),
      primary key (connection_id, kind, row_key)
    )`);
    this.addSql(`create table ats.skipped_records (
      connection_id uuid not null references ats.connections (id),
      kind text not null,
      remote_id text collate "C" not null,
      reason text not null,
      job_remote_id text collate "C",
      seen_at timestamptz not null default now(),
      primary key (connection_id, kind, remote_id)
    )`);
    this.addSql(
      `create index skipped_records_job on ats.skipped_records (connection_id, job_remote_id) where job_remote_id is not null`,
    );
  }

  private records(): void {
    const table = (name: string, columns: string, storage: string = ROOM.fewChange): void =>
      this.addSql(`create table ats.${name} (${RECORD_COLUMNS}, ${columns},
        primary key (connection_id, remote_id)) ${storage}`);
    table('users', `name text not null, email text, active boolean not null`);
    table(
      'jobs',
      `title text not null, description_html text, status text not null, remote_status text not null, department text,
       location text, confidential boolean not null, opened_at timestamptz, closed_at timestamptz, url text,
       custom_fields jsonb not null, open boolean not null, people_imported boolean not null default false`,
    );
    table(
      'stages',
      `name text not null, job_remote_id text collate "C", position double precision not null, active boolean not null`,
    );
    table(
      'candidates',
      `name text not null, first_name text, last_name text, emails json not null, phones json not null, headline text,
       company text, location text, links json not null, tags json not null, anonymised boolean not null, url text,
       custom_fields json not null`,
      ROOM.manyChange,
    );
    table(
      'applications',
      `candidate_remote_id text collate "C" not null, job_remote_id text collate "C", stage_remote_id text collate "C", stage_name text, status text not null,
       status_reason text, applied_at timestamptz, stage_changed_at timestamptz, source text, owner_remote_id text collate "C",
       custom_fields json not null, host_stage_id text, placed_how text, resume_checked_version bigint`,
      ROOM.manyChange,
    );
    table(
      'resumes',
      `candidate_remote_id text collate "C" not null, application_remote_id text collate "C", filename text not null, locator json not null,
       uploaded_at timestamptz, file_state text not null default 'pending'
       check (file_state in ('pending', 'stored', 'refused', 'gone', 'superseded')),
       file_reference text, file_size bigint, file_type text, file_note text, file_attempts int not null default 0`,
    );
    for (const name of ['users', 'jobs', 'stages', 'candidates', 'applications', 'resumes']) {
      this.addSql(`create unique index ${name}_id on ats.${name} (id)`);
    }
    this.addSql(`create index applications_candidate on ats.applications (connection_id, candidate_remote_id)`);
    this.addSql(`create index applications_job on ats.applications (connection_id, job_remote_id)`);
    this.addSql(`create index stages_job on ats.stages (connection_id, job_remote_id)`);
    this.addSql(`create index resumes_candidate on ats.resumes (connection_id, candidate_remote_id)`);
    this.addSql(`create index resumes_pending on ats.resumes (connection_id) where file_state = 'pending'`);
  }

  private mappingsAndOutbox(): void {
    this.addSql(`create table ats.stage_mappings (
      connection_id uuid not null references ats.connections (id),
      stage_key text not null,
      stage_name text not null,
      host_stage_id text not null,
      status text not null check (status in ('suggested', 'confirmed')),
      confidence real not null,
      reason text not null,
      changed_by text,
      changed_at timestamptz not null,
      primary key (connection_id, stage_key)
    )`);
    this.addSql(`create table ats.outbox_events (
      id bigint generated always as identity primary key,
      workspace_id text not null,
      connection_id uuid not null,
      provider text not null,
      occurred_at timestamptz not null,
      body jsonb not null,
      attempts int not null default 0,
      not_before timestamptz
    )`);
    this.addSql(`create table ats.issues (
      id uuid primary key,
      connection_id uuid not null references ats.connections (id),
      code text not null,
      subject text not null,
      message text not null,
      raised_at timestamptz not null,
      resolved_at timestamptz
    )`);
    this.addSql(
      `create unique index issues_open on ats.issues (connection_id, code, subject) where resolved_at is null`,
    );
  }
}
