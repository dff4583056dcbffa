import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { query } from '../database/query.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { connectionNotFound } from '../connections/owned-connection.js';
import type { ConnectionSettings } from '../connections/connection-settings.js';
import type { ConnectionStatus } from '../connections/connection-status.js';
import { effectiveFields } from '../connections/effective-fields.js';
import type { FieldTable } from '../contract/fields.js';

/** Living records by kind. */
export interface RecordCounts {
  readonly users: number;
  readonly jobs: number;
  readonly openJobs: number;
  readonly stages: number;
  readonly candidates: number;
  readonly applications: number;
  /** Résumés whose file is in the store. */
  readonly resumes: number;
  /** Résumés that are still to be looked up or fetched. */
  readonly resumesPending: number;
  /** Stages that applications were or are in, as the ATS's history has them. */
  readonly stageStays: number;
}

export interface ConnectionSummary {
  readonly id: string;
  readonly provider: string;
  readonly providerName: string;
  readonly status: ConnectionStatus;
  readonly statusReason: string | null;
  readonly accountName: string | null;
  readonly authorisedBy: string | null;
  readonly warnings: readonly string[];
  readonly lastSyncedAt: Date | null;
  readonly nextRunAt: Date | null;
  /** Up to here nothing is missing: when the last listing of everything began. */
  readonly completeUntil: Date | null;
  /** Its first import waits for a person to start it. */
  readonly awaitsStart: boolean;
  readonly createdAt: Date;
}

export interface ConnectionDetails extends ConnectionSummary {
  readonly records: RecordCounts;
  /** What was left out, by kind and reason. */
  readonly skipped: readonly { readonly kind: string; readonly reason: string; readonly count: number }[];
  readonly quarantined: number;
  readonly issues: readonly {
    readonly id: string;
    readonly code: string;
    readonly message: string;
    readonly raisedAt: Date;
  }[];
  /** Each field's direction on this connection, by record kind: what the ATS and the authorisation allow, as far as the customer did not narrow it. */
  readonly fields: FieldTable;
  readonly openJobStatuses: readonly string[];
}

const COLUMNS = `id, provider, status, status_reason as "statusReason", remote_account_name as "accountName",
  authorised_by as "authorisedBy", warnings, last_synced_at as "lastSyncedAt", next_run_at as "nextRunAt", reconciled_until as "completeUntil", awaits_start as "awaitsStart", created_at as "createdAt"`;
const SUMMARY = `select ${COLUMNS} from ats.connections`;
const SUMMARY_WITH_SETTINGS = `select ${COLUMNS}, settings, scopes from ats.connections`;

/** Applications of people whom the ATS does not show are kept, but are in nobody's pipeline. */
const WITH_CANDIDATE = `exists (select 1 from ats.candidates c where c.connection_id = a.connection_id and c.remote_id = a.candidate_remote_id)`;

const SUMMARY_DATES = ['lastSyncedAt', 'nextRunAt', 'completeUntil', 'createdAt'] as const;

/** What the settings page shows of connections. Every read is scoped by workspace. */
@Injectable()
export class ConnectionOverview {
  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
  ) {}

  async list(workspaceId: string): Promise<ConnectionSummary[]> {
    const rows = await query<Omit<ConnectionSummary, 'providerName'>>(
      this.em.fork(),
      `${SUMMARY} where workspace_id = $1 and (status <> 'disconnected' or last_synced_at is not null) and status <> 'authorizing' order by created_at`,
      [workspaceId],
      SUMMARY_DATES,
    );
    return rows.map((row) => ({ ...row, providerName: this.#nameOf(row.provider) }));
  }

  /** @throws AtsError `not-found`, also for another workspace's connection. */
  async details(workspaceId: string, connectionId: string): Promise<ConnectionDetails> {
    const em = this.em.fork();
    const [found] = await query<
      Omit<ConnectionSummary, 'providerName'> & { settings: ConnectionSettings; scopes: string[] }
    >(em, `${SUMMARY_WITH_SETTINGS} where workspace_id = $1 and id = $2`, [workspaceId, connectionId], SUMMARY_DATES);
    if (found === undefined) throw connectionNotFound();
    const { settings, scopes, ...row } = found;
    const provider = this.registry.has(row.provider) ? this.registry.get(row.provider).provider : null;
    const [quarantined] = await query<{ count: number }>(
      em,
      `select count(*)::int as count from ats.quarantined_records where connection_id = $1`,
      [connectionId],
    );
    return {
      ...row,
      providerName: this.#nameOf(row.provider),
      records: await this.#counts(em, connectionId, row.provider),
      skipped: await query(
        em,
        `select kind, reason, count(*)::int as count from ats.skipped_records where connection_id = $1 group by kind, reason
         union all
         select 'application', 'candidate-not-visible', count(*)::int from ats.applications a
         where connection_id = $1 and tombstone is null and not ${WITH_CANDIDATE} having count(*) > 0
         order by kind, reason`,
        [connectionId],
      ),
      quarantined: quarantined?.count ?? 0,
      issues: await query(
        em,
        `select id, code, message, raised_at as "raisedAt" from ats.issues where connection_id = $1 and resolved_at is null order by raised_at`,
        [connectionId],
        ['raisedAt'],
      ),
      fields: provider === null ? {} : effectiveFields(provider, { settings, scopes }),
      openJobStatuses: provider?.manifest.openJobStatuses ?? [],
    };
  }

  async #counts(em: EntityManager, connectionId: string, provider: string): Promise<RecordCounts> {
    const [counts] = await query<RecordCounts>(
      em,
      `select
        (select count(*)::int from ats.users where connection_id = $1 and tombstone is null) as users,
        (select count(*)::int from ats.jobs where connection_id = $1 and tombstone is null) as jobs,
        (select count(*)::int from ats.jobs where connection_id = $1 and tombstone is null and open) as "openJobs",
        (select count(*)::int from ats.stages where connection_id = $1 and tombstone is null) as stages,
        (select count(*)::int from ats.candidates where connection_id = $1 and tombstone is null) as candidates,
        (select count(*)::int from ats.applications a where connection_id = $1 and tombstone is null and ${WITH_CANDIDATE}) as applications,
        (select count(*)::int from ats.resumes where connection_id = $1 and tombstone is null and file_state = 'stored') as resumes,
        (select count(*)::int from ats.resumes where connection_id = $1 and tombstone is null and file_state = 'pending')
          + (select count(*)::int from ats.applications a where connection_id = $1 and tombstone is null and $2
             and (resume_checked_version is null or resume_checked_version < version)
             and ${WITH_CANDIDATE})
          as "resumesPending",
        (select count(*)::int from ats.stage_stays where connection_id = $1 and tombstone is null) as "stageStays"`,
      [connectionId, this.registry.listingResumesByApplication().includes(provider)],
    );
    if (counts === undefined) throw connectionNotFound();
    return counts;
  }

  #nameOf(provider: string): string {
    return this.registry.has(provider) ? this.registry.get(provider).provider.manifest.name : provider;
  }
}
