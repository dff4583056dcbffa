import { Migration } from '@mikro-orm/migrations';

/** Who was merged into whom, and whose an application made by hand was before that. */
export class MergedCandidates extends Migration {
  override up(): void {
    this.addSql(`alter table elly.candidates add column merged_into uuid`);
    this.addSql(`create index candidates_merged on elly.candidates (merged_into) where merged_into is not null`);
    this.addSql(`alter table elly.applications add column merged_from uuid`);
    this.addSql(`create index applications_merged on elly.applications (merged_from) where merged_from is not null`);
    // Two people who become one may both have been put into the pipeline of one job.
    this.addSql(`drop index elly.applications_by_hand`);
    this.addSql(
      `create unique index applications_by_hand on elly.applications (coalesce(merged_from, candidate_id), job_id) where source = 'manual'`,
    );
  }

  override down(): void {
    this.addSql(`drop index elly.applications_by_hand`);
    this.addSql(`update elly.applications set candidate_id = merged_from where merged_from is not null`);
    this.addSql(`alter table elly.applications drop column merged_from`);
    this.addSql(
      `create unique index applications_by_hand on elly.applications (candidate_id, job_id) where source = 'manual'`,
    );
    this.addSql(`alter table elly.candidates drop column merged_into`);
  }
}
