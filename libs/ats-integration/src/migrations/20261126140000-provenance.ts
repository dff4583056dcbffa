import { Migration } from '@mikro-orm/migrations';

const RECORD_TABLES = ['users', 'jobs', 'stages', 'candidates', 'applications', 'resumes'];

/** Where each value of a record is from, and connections whose first import waits for somebody to start it. */
export class Provenance extends Migration {
  override up(): void {
    for (const table of RECORD_TABLES) {
      // `value_changes`: by column what changed it last, as [origin, version, milliseconds]; null while nothing did.
      this.addSql(
        `alter table ats.${table} add column first_run uuid, add column first_version bigint, add column value_changes jsonb`,
      );
    }
    this.addSql('alter table ats.connections add column awaits_start boolean not null default false');
  }

  override down(): void {
    this.addSql('alter table ats.connections drop column awaits_start');
    for (const table of RECORD_TABLES) {
      this.addSql(
        `alter table ats.${table} drop column first_run, drop column first_version, drop column value_changes`,
      );
    }
  }
}
