import { Migration } from '@mikro-orm/migrations';

/** Why an application stands back where the ATS has it, for the person who had moved it. */
export class Corrections extends Migration {
  override up(): void {
    this.addSql(`alter table elly.applications add column correction text`);
  }

  override down(): void {
    this.addSql(`alter table elly.applications drop column correction`);
  }
}
