import { Migration } from '@mikro-orm/migrations';

/** Why a candidate shows again what the ATS has, for the person who had edited it. */
export class CandidateCorrections extends Migration {
  override up(): void {
    this.addSql(`alter table elly.candidates add column correction text`);
  }

  override down(): void {
    this.addSql(`alter table elly.candidates drop column correction`);
  }
}
