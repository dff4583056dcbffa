import { CandidateCorrections } from './candidate-corrections.migration.js';
import { Corrections } from './corrections.migration.js';
import { FirstTables } from './first-tables.migration.js';
import { GoneRecords } from './gone-records.migration.js';
import { MergedCandidates } from './merged-candidates.migration.js';

/** In the order in which they run. A name, once released, never changes: it is what the database remembers. */
export const ELLY_MIGRATIONS = [
  { name: 'elly-0001-first-tables', class: FirstTables },
  { name: 'elly-0002-corrections', class: Corrections },
  { name: 'elly-0003-gone-records', class: GoneRecords },
  { name: 'elly-0004-candidate-corrections', class: CandidateCorrections },
  { name: 'elly-0005-merged-candidates', class: MergedCandidates },
];
