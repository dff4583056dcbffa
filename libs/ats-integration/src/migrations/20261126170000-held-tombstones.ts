import { Migration } from '@mikro-orm/migrations';

const TOMBSTONES = ['deleted', 'merged', 'anonymised', 'permission-lost', 'out-of-scope'];

/** What is held keeps its reason, whoever told of it; and how much was marked lately, for the brake. */
export class HeldTombstones extends Migration {
  override up(): void {
    this.addSql(`alter table ats.held_deletions
      add column source text not null default 'listing' check (source in ('listing', 'news')),
      add column tombstone text not null default 'deleted' check (tombstone in ('${TOMBSTONES.join("', '")}')),
      add column merged_into text collate "C"`);
    this.addSql(`create table ats.recent_deletions (
      id bigint generated always as identity primary key,
      connection_id uuid not null references ats.connections (id) on delete cascade,
      kind text not null,
      count int not null,
      told_at timestamptz not null
    )`);
    this.addSql(`create index recent_deletions_of_kind on ats.recent_deletions (connection_id, kind, told_at)`);
    this.addSql(
      `create index candidates_merged_into on ats.candidates (connection_id, merged_into) where merged_into is not null`,
    );
  }

  override down(): void {
    this.addSql('drop index ats.candidates_merged_into');
    this.addSql('drop table ats.recent_deletions');
    // Without their reason they would be marked as deleted; they are named again or vanish again.
    this.addSql(`delete from ats.held_deletions where source = 'news'`);
    this.addSql('alter table ats.held_deletions drop column source, drop column tombstone, drop column merged_into');
  }
}
