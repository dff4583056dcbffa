import { Migration } from '@mikro-orm/migrations';

/**
 * Elly's own tables. `candidates` and `applications` are on the hot path of every imported page, which shapes them. No
 * foreign key leaves them: three on `applications` cost as much again as the rows, and the import joins to what it refers
 * to instead. No custom fields: they double the cost of a candidate, and the library keeps them for the one who looks.
 * Half of each page of candidates stays free, so that an update of every row on it finds room beside the row and touches no
 * index; without the room it writes an entry into each and the table ends up larger. Applications move between stages,
 * which an index is on, whatever the room.
 */
export class FirstTables extends Migration {
  override up(): void {
    this.addSql(`create schema if not exists elly`);
    this.addSql(`create table elly.workspaces (
      id uuid primary key,
      name text not null,
      plan text not null check (plan in ('free', 'starter', 'growth', 'enterprise')),
      credits integer not null check (credits >= 0),
      created_at timestamptz not null default now()
    )`);
    this.addSql(`create table elly.credit_entries (
      id bigint generated always as identity primary key,
      workspace_id uuid not null references elly.workspaces,
      key text not null,
      kind text not null check (kind in ('grant', 'reserve', 'commit', 'release')),
      credits integer not null,
      reason text not null,
      created_at timestamptz not null default now(),
      unique (key, kind)
    )`);
    this.addSql(
      `create unique index credit_entries_settled_once on elly.credit_entries (key) where kind in ('commit', 'release')`,
    );
    this.addSql(`create index credit_entries_of_workspace on elly.credit_entries (workspace_id, id)`);
    this.addSql(`create table elly.users (
      id uuid primary key,
      workspace_id uuid not null references elly.workspaces,
      name text not null,
      email text not null unique,
      role text not null check (role in ('admin', 'recruiter'))
    )`);
    this.addSql(`create table elly.stages (
      id uuid primary key,
      workspace_id uuid not null references elly.workspaces,
      name text not null,
      kind text not null check (kind in ('lead', 'applied', 'screen', 'interview', 'offer', 'hired', 'rejected')),
      position integer not null,
      constraint stages_position unique (workspace_id, position) deferrable initially immediate
    )`);
    this.addSql(`create unique index stages_name on elly.stages (workspace_id, lower(name))`);
    this.addSql(`create table elly.jobs (
      id uuid primary key,
      workspace_id uuid not null,
      title text not null,
      description text,
      status text not null check (status in ('open', 'closed', 'draft', 'on-hold', 'unknown')),
      department text,
      location text,
      url text,
      source text not null check (source in ('manual', 'ats')),
      provider text,
      provider_name text,
      connection_id uuid,
      ats_record_id uuid unique,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      check ((source = 'ats') = (ats_record_id is not null))
    )`);
    this.addSql(`create index jobs_of_workspace on elly.jobs (workspace_id, id)`);
    // Always asked for by workspace and id: one index instead of two, 1 ms of a page of 500.
    this.addSql(`create table elly.candidates (
      id uuid not null,
      workspace_id uuid not null,
      name text not null,
      emails text[] not null,
      phones text[] not null,
      headline text,
      company text,
      location text,
      anonymised boolean not null,
      source text not null,
      provider text,
      provider_name text,
      connection_id uuid,
      ats_record_id uuid unique,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (workspace_id, id),
      check ((source = 'ats') = (ats_record_id is not null))
    ) with (fillfactor = 50)`);
    this.addSql(`create table elly.resumes (
      candidate_id uuid primary key,
      reference text not null,
      filename text not null,
      content_type text not null,
      size bigint not null,
      stored_at timestamptz not null default now()
    )`);
    this.addSql(`create table elly.applications (
      id uuid primary key,
      workspace_id uuid not null,
      candidate_id uuid not null,
      job_id uuid,
      stage_id uuid,
      status text not null check (status in ('active', 'rejected', 'hired', 'converted', 'unknown')),
      status_reason text,
      placement text check (placement in ('mapped', 'suggested', 'nearest', 'status')),
      source text not null,
      ats_record_id uuid unique,
      applied_at timestamptz,
      moved_at timestamptz not null,
      check ((source = 'ats') = (ats_record_id is not null))
    ) with (fillfactor = 90)`);
    this.addSql(
      `create unique index applications_by_hand on elly.applications (candidate_id, job_id) where source = 'manual'`,
    );
    this.addSql(`create index applications_of_candidate on elly.applications (candidate_id)`);
    this.addSql(`create index applications_on_board on elly.applications (stage_id, job_id)`);
  }

  override down(): void {
    this.addSql(`drop schema elly cascade`);
  }
}
