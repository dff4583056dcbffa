import type { ApplicationStageRow, Row, StageRow } from '../data/rows.js';
import type { GreenhouseAccount } from '../greenhouse-account.js';

/** An endpoint's rows are what its scan yields; the list code knows only what all rows share. */
export function as<Typed extends Row>(row: Row): Typed {
  return row as Typed;
}

/** The names of a row's fields, in the order in which `fields` may ask for them. */
export function fields(names: string): readonly string[] {
  return ['id', 'created_at', 'updated_at', ...names.split(' ')];
}

export function ofVisibleApplication(row: Row, { store }: GreenhouseAccount): boolean {
  const application = store.applications.byId(as<ApplicationStageRow>(row).application_id);
  return application !== undefined && !store.isConfidential(application.job_id);
}

export function ofVisibleJob(row: Row, { store }: GreenhouseAccount): boolean {
  return !store.isConfidential(as<StageRow>(row).job_id);
}
