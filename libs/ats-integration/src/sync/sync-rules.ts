import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import type { ConnectionSettings } from '../connections/connection-settings.js';
import type { AtsProvider } from '../contract/ats-provider.js';
import { RECORD_KINDS } from '../contract/records.js';
import type { JobRecord, RecordKind } from '../contract/records.js';

/** What a connection imports, as its provider, its customer and the deployment have it. */
export interface SyncRules {
  readonly provider: { readonly id: string; readonly name: string };
  /** Kinds of which a listing of everything shows what is gone. */
  readonly swept: ReadonlySet<RecordKind>;
  /** Whether nothing but their applications tells what became of candidates. */
  readonly peopleMoveSilently: boolean;
  readonly deletionBrake: AtsIntegrationOptions['sync']['deletionBrake'];
  readonly openJobsOnly: boolean;
  readonly isOpen: (job: JobRecord) => boolean;
}

export function rulesOf(
  provider: AtsProvider,
  run: { readonly connection: { readonly settings: ConnectionSettings } },
  options: AtsIntegrationOptions,
): SyncRules {
  const open = new Set(provider.manifest.openJobStatuses);
  return {
    provider: { id: provider.manifest.id, name: provider.manifest.name },
    swept: new Set(RECORD_KINDS.filter((kind) => provider.manifest.kinds[kind]?.deletions === 'sweep')),
    peopleMoveSilently: provider.manifest.kinds.candidate?.deletions === 'none',
    deletionBrake: options.sync.deletionBrake,
    openJobsOnly: run.connection.settings.openJobsOnly ?? options.sync.openJobsOnly,
    isOpen: (job) => open.has(job.remoteStatus),
  };
}
