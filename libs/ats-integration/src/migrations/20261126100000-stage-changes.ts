import { Migration } from '@mikro-orm/migrations';

/** Legal moves, as `LEGAL_CHANGE_MOVES` lists them: a spec holds the two against each other. */
const CHANGE_MOVES = [
  'pending>sending',
  'pending>refused',
  'pending>superseded',
  'sending>parked',
  'sending>confirmed',
  'sending>refused',
  'sending>superseded',
  'parked>pending',
  'parked>refused',
  'parked>superseded',
];

/** Stage changes on their way out, what was written for them, and the mapping's overrides and memory of the ATS's stages. */
export class StageChanges extends Migration {
  override up(): void {
    this.addSql(`create table ats.stage_changes (
      id uuid primary key,
      nth bigint generated always as identity,
      connection_id uuid not null references ats.connections (id),
      workspace_id text not null,
      epoch int not null,
      application_id uuid not null,
      application_remote_id text collate "C" not null,
      status text not null check (status in ('pending', 'sending', 'confirmed', 'refused', 'parked', 'superseded')),
      to_stage_id text not null,
      rejection jsonb,
      actor_user_id text not null,
      actor_email text,
      baseline jsonb not null,
      reason_code text,
      reason text,
      fence int not null default 0,
      lease_until timestamptz,
      not_before timestamptz,
      failures int not null default 0,
      requested_at timestamptz not null,
      sent_at timestamptz,
      parked_at timestamptz,
      settled_at timestamptz,
      constraint stage_changes_settled_when_over check ((status in ('confirmed', 'refused', 'superseded')) = (settled_at is not null))
    )`);
    // One at a time goes out for an application, and at most one waits behind it: a newer one takes its place.
    this.addSql(
      `create unique index stage_changes_one_sending on ats.stage_changes (application_id) where status = 'sending'`,
    );
    this.addSql(
      `create unique index stage_changes_one_waiting on ats.stage_changes (application_id) where status in ('pending', 'parked')`,
    );
    this.addSql(`create index stage_changes_of_application on ats.stage_changes (application_id, nth desc)`);
    this.addSql(`create index stage_changes_of_connection on ats.stage_changes (connection_id, nth desc)`);
    this.addSql(`create index stage_changes_due on ats.stage_changes (nth) where status in ('pending', 'sending')`);
    this.addSql(`create index stage_changes_parked on ats.stage_changes (connection_id) where status = 'parked'`);
    // Written before the request goes out: one that is open after a crash may have reached the ATS or not.
    this.addSql(`create table ats.stage_change_attempts (
      id uuid primary key,
      change_id uuid not null references ats.stage_changes (id),
      nth int not null,
      move jsonb not null,
      before jsonb not null,
      actor_remote_id text collate "C",
      answered boolean not null default false,
      outcome text check (outcome in ('applied', 'refused', 'not-applied', 'unclear')),
      begun_at timestamptz not null,
      ended_at timestamptz,
      unique (change_id, nth),
      constraint attempts_ended_with_outcome check ((outcome is null) = (ended_at is null))
    )`);
    this.addSql(
      `create unique index stage_change_attempts_one_open on ats.stage_change_attempts (change_id) where outcome is null`,
    );
    this.addSql(`create table ats.own_writes (
      id uuid primary key,
      connection_id uuid not null references ats.connections (id),
      kind text not null,
      remote_id text collate "C" not null,
      field text not null,
      value_hash text not null,
      sent_at timestamptz not null,
      confirmed_at timestamptz,
      seen_at timestamptz,
      overtaken_at timestamptz
    )`);
    this.addSql(
      `create index own_writes_unseen on ats.own_writes (connection_id, kind, remote_id) where seen_at is null and overtaken_at is null`,
    );
    this.guard();
    this.mappings();
  }

  override down(): void {
    this.addSql('drop table ats.known_stages');
    this.addSql('delete from ats.stage_mappings where job_remote_id is not null');
    this.addSql('alter table ats.stage_mappings drop column job_remote_id');
    this.addSql('drop table ats.own_writes');
    this.addSql('drop table ats.stage_change_attempts');
    this.addSql('drop table ats.stage_changes');
    this.addSql('drop function ats.stage_changes_legal_move()');
  }

  /** A move that the state machine does not have is refused, whoever tries it. */
  private guard(): void {
    this.addSql(`create function ats.stage_changes_legal_move() returns trigger language plpgsql as $$
      begin
        if old.status || '>' || new.status <> all (array['${CHANGE_MOVES.join("', '")}']) then
          raise exception 'ats.stage_changes: % cannot become %', old.status, new.status using errcode = 'check_violation';
        end if;
        return new;
      end $$`);
    this.addSql(`create trigger stage_changes_legal_move before update of status on ats.stage_changes
      for each row when (old.status is distinct from new.status) execute function ats.stage_changes_legal_move()`);
  }

  private mappings(): void {
    // Where every job has its own stages: a row for one job wins over the one for all stages of that name.
    this.addSql('alter table ats.stage_mappings add column job_remote_id text collate "C"');
    // The stages as they were when the mapping last looked: what became of them since is told to the admin.
    this.addSql(`create table ats.known_stages (
      connection_id uuid not null references ats.connections (id),
      remote_id text collate "C" not null,
      name text not null,
      job_remote_id text collate "C",
      position double precision not null,
      primary key (connection_id, remote_id)
    )`);
  }
}
