import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../../ats-integration.options.js';
import type { RecordKind } from '../../contract/records.js';
import { query } from '../../database/query.js';
import { ProviderRegistry } from '../../registry/provider-registry.js';
import { AtsOptions } from '../../support/options-token.js';
import { insightConnection } from '../insight-connection.js';
import type { InsightConnection } from '../insight-connection.js';
import { absenceOf } from './absence.js';
import type { Absence } from './absence.js';
import { AskById } from './ask-by-id.js';
import type { AtsAnswer, ExplainQuestion, Explanation, NamedRecord } from './explanation.js';
import { candidatesByEmail, readKnownRecord, survivorOf } from './known-record.js';
import type { KnownRecord } from './known-record.js';
import { standstillOf, unseen } from './unknown-record.js';
import type { ImportRules, LatestRun } from './unknown-record.js';

/** Looked for in this order when nobody says what the id is of. */
const LIKELY: readonly RecordKind[] = ['candidate', 'application'];

/** "Why is this candidate not here?" Every read is scoped by workspace; an e-mail address is compared and never written anywhere. */
@Injectable()
export class Explain {
  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
    private readonly ats: AskById,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  /** @throws AtsError `not-found`, also for another workspace's connection. */
  async explain(workspaceId: string, connectionId: string, question: ExplainQuestion): Promise<Explanation> {
    const em = this.em.fork();
    const connection = await insightConnection(em, workspaceId, connectionId);
    if ('remoteId' in question) return this.#byId(em, connection, question.remoteId, question.kind);
    const [first, ...others] = await candidatesByEmail(em, connection.id, normaliseEmail(question.email));
    if (first === undefined) return this.#nobody(em, connection);
    return { ...(await this.#byId(em, connection, first.remoteId, 'candidate')), alsoFound: others };
  }

  async #byId(
    em: EntityManager,
    connection: InsightConnection,
    remoteId: string,
    kind: RecordKind | undefined,
  ): Promise<Explanation> {
    const ats = this.#nameOf(connection);
    for (const likely of kind === undefined ? LIKELY : [kind]) {
      const known = await readKnownRecord(em, connection.id, likely, remoteId);
      const absence = absenceOf(known, ats);
      if (absence === null) continue;
      return {
        ...answer(connection, withStandstill(absence, standstillOf(connection, null, ats)), likely, remoteId),
        records: recordsOf(known),
        survivor: absence.reason === 'merged' ? await survivorOf(em, connection.id, likely, remoteId) : null,
      };
    }
    const asked = kind ?? 'candidate';
    const standstill = standstillOf(connection, await latestRun(em, connection.id), ats);
    if (standstill !== null) return answer(connection, standstill, asked, remoteId);
    const found = await this.ats.ask(connection, asked, remoteId);
    const job = found.record?.kind === 'application' ? found.record.jobRemoteId : null;
    const absence = unseen(found, asked, ats, await this.#rules(em, connection, job));
    return answer(connection, absence, asked, remoteId, found.answer);
  }

  /** Nobody with this address: whoever was left out is kept without one, so only their id in the ATS finds them. */
  async #nobody(em: EntityManager, connection: InsightConnection): Promise<Explanation> {
    const ats = this.#nameOf(connection);
    const standstill = standstillOf(connection, await latestRun(em, connection.id), ats);
    if (standstill !== null) return answer(connection, standstill, null, null);
    const [left] = await query<{ count: number }>(
      em,
      `select count(*)::int as count from ats.skipped_records where connection_id = $1 and kind = 'candidate'`,
      [connection.id],
    );
    return answer(
      connection,
      {
        reason: 'never-seen',
        message: `Nobody with this e-mail address was imported from ${ats}. ${String(left?.count ?? 0)} people were seen and left out; of them no address is kept.`,
        whatToDo: `Find the person in ${ats} and ask again with the id that stands in the address of their page.`,
      },
      null,
      null,
    );
  }

  async #rules(em: EntityManager, connection: InsightConnection, jobRemoteId: string | null): Promise<ImportRules> {
    const [job] = await query<{ open: boolean }>(
      em,
      `select open from ats.jobs where connection_id = $1 and remote_id = $2 and tombstone is null`,
      [connection.id, jobRemoteId],
    );
    return {
      openJobsOnly: connection.settings.openJobsOnly ?? this.options.sync.openJobsOnly,
      isOpen: () => job?.open ?? null,
    };
  }

  #nameOf({ provider }: InsightConnection): string {
    return this.registry.has(provider) ? this.registry.get(provider).provider.manifest.name : provider;
  }
}

export function normaliseEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** What is known of the record stands; that nothing new comes in is said beside it. */
function withStandstill(absence: Absence, standstill: Absence | null): Absence {
  if (standstill === null || standstill.reason === 'first-sync-not-completed') return absence;
  const { whatToDo } = standstill;
  return {
    ...absence,
    message: `${absence.message} ${standstill.message}`,
    whatToDo: [whatToDo, absence.whatToDo].filter((text) => text !== null).join(' '),
  };
}

function recordsOf(known: KnownRecord): NamedRecord[] {
  const { kind, remoteId, stored, applications } = known;
  return [...(stored?.tombstone === null ? [{ kind, remoteId, id: stored.id }] : []), ...applications];
}

function answer(
  { status, lastSyncedAt }: InsightConnection,
  absence: Absence,
  kind: RecordKind | null,
  remoteId: string | null,
  atsAnswer: AtsAnswer = 'not-asked',
): Explanation {
  return {
    ...absence,
    kind,
    remoteId,
    records: [],
    survivor: null,
    atsAnswer,
    connection: { status, lastSyncedAt },
    alsoFound: [],
  };
}

async function latestRun(em: EntityManager, connectionId: string): Promise<LatestRun | null> {
  const [run] = await query<LatestRun>(
    em,
    `select status, fault_message from ats.sync_runs where connection_id = $1 order by queued_at desc limit 1`,
    [connectionId],
  );
  return run ?? null;
}
