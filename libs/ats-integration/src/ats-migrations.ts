import { CreateAtsSchema } from './migrations/20261123000000-create-ats-schema.js';
import { ConnectionLifeCycle } from './migrations/20261125000000-connection-life-cycle.js';
import { StageChanges } from './migrations/20261126100000-stage-changes.js';
import { Webhooks } from './migrations/20261126110000-webhooks.js';
import { Deletions } from './migrations/20261126120000-deletions.js';
import { FieldChanges } from './migrations/20261126130000-field-changes.js';
import { Provenance } from './migrations/20261126140000-provenance.js';
import { CandidateLinks } from './migrations/20261126150000-candidate-links.js';
import { StageStays } from './migrations/20261126160000-stage-stays.js';
import { HeldTombstones } from './migrations/20261126170000-held-tombstones.js';

/**
 * The library's migrations in order: add them to the host's `migrations.migrationsList`. They touch nothing outside
 * the schema `ats`. The library never migrates by itself.
 */
export const ATS_MIGRATIONS = [
  { name: 'Ats20261123000000CreateAtsSchema', class: CreateAtsSchema },
  { name: 'Ats20261125000000ConnectionLifeCycle', class: ConnectionLifeCycle },
  { name: 'Ats20261126100000StageChanges', class: StageChanges },
  { name: 'Ats20261126110000Webhooks', class: Webhooks },
  { name: 'Ats20261126120000Deletions', class: Deletions },
  { name: 'Ats20261126130000FieldChanges', class: FieldChanges },
  { name: 'Ats20261126140000Provenance', class: Provenance },
  { name: 'Ats20261126150000CandidateLinks', class: CandidateLinks },
  { name: 'Ats20261126160000StageStays', class: StageStays },
  { name: 'Ats20261126170000HeldTombstones', class: HeldTombstones },
] as const;
