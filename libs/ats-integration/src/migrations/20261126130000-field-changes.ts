import { Migration } from '@mikro-orm/migrations';

/** Legal moves, as `LEGAL_FIELD_CHANGE_MOVES` lists them: a spec holds the two against each other. */
const CHANGE_MOVES = [
  'pending>sending',
  'pending>refused',
  'pending>superseded',
  'sending>confirmed',
  'sending>refused',
  'sending>superseded',
];

/** Edits of candidates' fields on their way out, what was written for them, and the attempt behind each own write. */
export class FieldChanges extends Migration {
  override up(): void {
    this.addSql(`create table ats.field_changes (
      id uuid primary key,
      nth bigint generated always as identity,
      connection_id uuid not null references ats.connections (id),
      workspace_id text not null,
      epoch int not null,
      candidate_id uuid not null,
      candidate_remote_id text collate "C" not null,
      status text not null check (status in ('pending', 'sending', 'confirmed', 'refused', 'superseded')),
      actor_user_id text not null,
      actor_email text,
      reason_code text,
      reason text,
      fence int not null default 0,
      lease_until timestamptz,
      not_before timestamptz,
      failures int not null default 0,
      requested_at timestamptz not null,
      sent_at timestamptz,
      settled_at timestamptz,
      constraint field_changes_settled_when_over check ((status in ('confirmed', 'refused', 'superseded')) = (settled_at is not null))
    )`);
    // One write at a time goes out for a candidate.
    this.addSql(
      `create unique index field_changes_one_sending on ats.field_changes (candidate_id) where status = 'sending'`,
    );
    this.addSql(`create index field_changes_of_candidate on ats.field_changes (candidate_id, nth desc)`);
    this.addSql(`create index field_changes_of_connection on ats.field_changes (connection_id, nth desc)`);
    this.addSql(
      `create index field_changes_due on ats.field_changes (candidate_id, nth) where status in ('pending', 'sending')`,
    );
    // What a person typed is kept only as long as it is on its way.
    this.addSql(`create table ats.field_change_values (
      change_id uuid not null references ats.field_changes (id),
      field text not null,
      status text not null default 'open' check (status in ('open', 'confirmed', 'refused', 'superseded')),
      seen jsonb,
      wanted jsonb,
      reason_code text,
      reason text,
      primary key (change_id, field),
      constraint field_change_values_while_open check ((status = 'open') = (wanted is not null) and (status = 'open') = (seen is not null))
    )`);
    this.addSql(`create index field_change_values_open on ats.field_change_values (change_id) where status = 'open'`);
    // Written before the request goes out: one that is open after a crash may have reached the ATS or not.
    this.addSql(`create table ats.field_change_attempts (
      id uuid primary key,
      change_id uuid not null references ats.field_changes (id),
      nth int not null,
      before jsonb not null,
      before_updated_at timestamptz,
      answered boolean not null default false,
      outcome text check (outcome in ('applied', 'refused', 'not-applied', 'unclear')),
      begun_at timestamptz not null,
      ended_at timestamptz,
      unique (change_id, nth),
      constraint field_change_attempts_ended_with_outcome check ((outcome is null) = (ended_at is null))
    )`);
    this.addSql(
      `create unique index field_change_attempts_one_open on ats.field_change_attempts (change_id) where outcome is null`,
    );
    // A move is one own write and shares its attempt's id; a write of several fields is one for each.
    this.addSql('alter table ats.own_writes add column attempt_id uuid');
    this.addSql(`create index own_writes_of_attempt on ats.own_writes (attempt_id) where attempt_id is not null`);
    this.guard();
  }

  override down(): void {
    this.addSql('delete from ats.own_writes where attempt_id is not null');
    this.addSql('alter table ats.own_writes drop column attempt_id');
    this.addSql('drop table ats.field_change_attempts');
    this.addSql('drop table ats.field_change_values');
    this.addSql('drop table ats.field_changes');
    this.addSql('drop function ats.field_changes_legal_move()');
    this.addSql('drop function ats.field_change_values_once()');
  }

  /** A move that the state machine does not have is refused, whoever tries it. */
  private guard(): void {
    this.addSql(`create function ats.field_changes_legal_move() returns trigger language plpgsql as $$
      begin
        if old.status || '>' || new.status <> all (array['${CHANGE_MOVES.join("', '")}']) then
          raise exception 'ats.field_changes: % cannot become %', old.status, new.status using errcode = 'check_violation';
        end if;
        return new;
      end $$`);
    this.addSql(`create trigger field_changes_legal_move before update of status on ats.field_changes
      for each row when (old.status is distinct from new.status) execute function ats.field_changes_legal_move()`);
    // What is settled stays so, field by field.
    this.addSql(`create function ats.field_change_values_once() returns trigger language plpgsql as $$
      begin
        if old.status <> 'open' then
          raise exception 'ats.field_change_values: % cannot become %', old.status, new.status using errcode = 'check_violation';
        end if;
        return new;
      end $$`);
    this.addSql(`create trigger field_change_values_once before update of status on ats.field_change_values
      for each row when (old.status is distinct from new.status) execute function ats.field_change_values_once()`);
  }
}
