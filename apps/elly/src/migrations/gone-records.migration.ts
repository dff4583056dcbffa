import { Migration } from '@mikro-orm/migrations';

/** What became of an imported row in its ATS: it stays here, marked. */
export class GoneRecords extends Migration {
  override up(): void {
    for (const table of ['jobs', 'candidates', 'applications']) {
      this.addSql(`alter table elly.${table} add column gone text
        check (gone in ('deleted', 'merged', 'anonymised', 'permission-lost', 'out-of-scope'))`);
    }
  }

  override down(): void {
    for (const table of ['jobs', 'candidates', 'applications'])
      this.addSql(`alter table elly.${table} drop column gone`);
  }
}
