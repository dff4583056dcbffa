import { Migration } from '@mikro-orm/migrations';

const RECORD_TABLES = ['users', 'jobs', 'stages', 'candidates', 'applications', 'resumes'];
const TOMBSTONES = ['deleted', 'merged', 'anonymised', 'permission-lost', 'out-of-scope'];

/** Typed tombstones, what a listing has shown, deletions that wait for a person, and files that are to be destroyed. */
export class Deletions extends Migration {
  override up(): void {
    for (const table of RECORD_TABLES) {
      this.addSql(`alter table ats.${table}
        add column tombstoned_at timestamptz,
        add column merged_into text collate "C",
        add constraint ${table}_tombstone check (tombstone in ('${TOMBSTONES.join("', '")}'))`);
    }
    this.addSql(
      `alter table ats.connections add column next_reconcile_at timestamptz, add column reconciled_until timestamptz`,
    );
    this.addSql(`create table ats.seen_records (
      run_id uuid not null references ats.sync_runs (id) on delete cascade,
      kind text not null,
      remote_id text collate "C" not null,
      primary key (run_id, kind, remote_id)
    )`);
    this.addSql(`create table ats.held_deletions (
      connection_id uuid not null references ats.connections (id),
      kind text not null,
      remote_id text collate "C" not null,
      decision text not null default 'open' check (decision in ('open', 'approved', 'rejected')),
      held_at timestamptz not null,
      decided_by text,
      decided_at timestamptz,
      primary key (connection_id, kind, remote_id)
    )`);
    this.addSql(`create table ats.file_removals (
      id bigint generated always as identity primary key,
      reference text not null,
      attempts int not null default 0,
      not_before timestamptz
    )`);
  }

  override down(): void {
    this.addSql('drop table ats.file_removals');
    this.addSql('drop table ats.held_deletions');
    this.addSql('drop table ats.seen_records');
    this.addSql('alter table ats.connections drop column next_reconcile_at, drop column reconciled_until');
    for (const table of RECORD_TABLES) {
      this.addSql(
        `alter table ats.${table} drop constraint ${table}_tombstone, drop column tombstoned_at, drop column merged_into`,
      );
    }
  }
}
