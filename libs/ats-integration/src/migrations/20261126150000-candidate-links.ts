import { Migration } from '@mikro-orm/migrations';

const REF = `workspace_id text not null, kind text not null check (kind in ('ats', 'own')), id text collate "C" not null`;

/** Who was merged into whom, the keys by which duplicates are found, and what was found. */
export class CandidateLinks extends Migration {
  override up(): void {
    // Who, when, and what was chosen: a merge that was undone stays, as its own audit row.
    this.addSql(`create table ats.candidate_merges (
      id uuid primary key,
      nth bigint generated always as identity,
      workspace_id text not null,
      duplicate_id uuid,
      survivor_id uuid not null,
      merged_kind text not null check (merged_kind in ('ats', 'own')),
      merged_id text collate "C" not null,
      choices jsonb not null,
      own_values jsonb,
      own_over jsonb,
      merged_by text not null,
      merged_at timestamptz not null,
      undone_by text,
      undone_at timestamptz,
      constraint candidate_merges_undone_by_somebody check ((undone_by is null) = (undone_at is null))
    )`);
    this
      .addSql(`create unique index candidate_merges_standing on ats.candidate_merges (workspace_id, merged_kind, merged_id)
      where undone_at is null`);
    this.addSql(`create index candidate_merges_history on ats.candidate_merges (workspace_id, nth desc)`);
    // One row for everybody who was merged: into_id is the next one, survivor_id where the chain ends.
    this.addSql(`create table ats.candidate_links (
      ${REF},
      into_id uuid not null,
      survivor_id uuid not null,
      merge_id uuid not null references ats.candidate_merges (id),
      primary key (workspace_id, kind, id),
      constraint candidate_links_no_cycle check (id <> survivor_id::text and id <> into_id::text)
    )`);
    this.addSql(`create index candidate_links_survivor on ats.candidate_links (survivor_id)`);
    this.search();
  }

  override down(): void {
    for (const table of [
      'duplicates',
      'duplicate_searches',
      'person_keys',
      'searched_people',
      'candidate_links',
      'candidate_merges',
    ]) {
      this.addSql(`drop table ats.${table}`);
    }
  }

  private search(): void {
    this.addSql(`create table ats.searched_people (
      ${REF},
      hash text not null,
      dirty boolean not null,
      primary key (workspace_id, kind, id)
    )`);
    this.addSql(`create index searched_people_dirty on ats.searched_people (workspace_id, kind, id) where dirty`);
    this.addSql(`create table ats.person_keys (
      ${REF},
      key text collate "C" not null,
      primary key (workspace_id, key, kind, id)
    )`);
    this.addSql(`create index person_keys_of_person on ats.person_keys (workspace_id, kind, id)`);
    this.addSql(
      `create table ats.duplicate_searches (workspace_id text primary key, searched_at timestamptz not null)`,
    );
    this.addSql(`create table ats.duplicates (
      id uuid primary key,
      workspace_id text not null,
      left_kind text not null check (left_kind = 'ats'),
      left_id text collate "C" not null,
      right_kind text not null check (right_kind in ('ats', 'own')),
      right_id text collate "C" not null,
      score int not null,
      confidence text not null check (confidence in ('high', 'medium', 'low')),
      evidence jsonb not null,
      marks text[] not null,
      status text not null default 'open' check (status in ('open', 'dismissed', 'merged')),
      dismissed_marks text[] not null default '{}',
      decided_by text,
      decided_at timestamptz,
      found_at timestamptz not null,
      unique (workspace_id, left_kind, left_id, right_kind, right_id)
    )`);
    this.addSql(
      `create index duplicates_open on ats.duplicates (workspace_id, score desc, id desc) where status = 'open'`,
    );
    this.addSql(`create index duplicates_right on ats.duplicates (workspace_id, right_kind, right_id)`);
  }
}
