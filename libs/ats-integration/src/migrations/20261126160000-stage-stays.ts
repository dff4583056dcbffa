import { Migration } from '@mikro-orm/migrations';

const TOMBSTONES = ['deleted', 'merged', 'anonymised', 'permission-lost', 'out-of-scope'];

/** The stages that applications were in, as the ATS's history has them. */
export class StageStays extends Migration {
  override up(): void {
    this.addSql(`create table ats.stage_stays (
      id uuid not null,
      connection_id uuid not null references ats.connections (id),
      remote_id text collate "C" not null,
      hash text not null,
      version bigint not null,
      tombstone text,
      tombstoned_at timestamptz,
      merged_into text collate "C",
      created_at timestamptz not null default now(),
      changed_at timestamptz not null default now(),
      application_remote_id text collate "C" not null,
      stage_remote_id text collate "C" not null,
      entered_at timestamptz,
      left_at timestamptz,
      moved_by_remote_id text collate "C",
      first_run uuid,
      first_version bigint,
      value_changes jsonb,
      primary key (connection_id, remote_id),
      constraint stage_stays_tombstone check (tombstone in ('${TOMBSTONES.join("', '")}'))
    ) with (fillfactor = 85)`);
    this.addSql(`create unique index stage_stays_id on ats.stage_stays (id)`);
    this.addSql(`create index stage_stays_application on ats.stage_stays (connection_id, application_remote_id)`);
  }

  override down(): void {
    this.addSql(`delete from ats.skipped_records where kind = 'stage-stay'`);
    this.addSql(`delete from ats.quarantined_records where kind = 'stage-stay'`);
    this.addSql(`drop table ats.stage_stays`);
  }
}
