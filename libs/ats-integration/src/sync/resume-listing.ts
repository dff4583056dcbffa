import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable, Logger } from '@nestjs/common';
import PQueue from 'p-queue';
import { holdConnection } from '../connections/hold-connection.js';
import type { ProviderSession } from '../connections/session-transport.js';
import { ProviderFault } from '../contract/fault.js';
import type { FaultCode } from '../contract/fault.js';
import type { ResumeRecord } from '../contract/records.js';
import { execute, query } from '../database/query.js';
import { storablePage } from '../records/storable.js';
import { supersedeResumes } from '../records/supersede-resumes.js';
import { readKnown, upsertRecords } from '../records/upsert-records.js';
import { AtsError } from '../support/ats-error.js';
import type { ResumeOwner } from './resume-files.js';

const AT_ONCE = 4;
/** What is said of one application holds for all of them: asking for the others is of no use now. */
const OF_THE_CONNECTION: readonly FaultCode[] = ['auth-revoked', 'forbidden-scope', 'rate-limited'];

interface Unlooked {
  readonly remote_id: string;
  readonly candidate_remote_id: string;
  readonly version: number;
}

/** For an ATS that tells of résumés one application at a time: looks at those that are new or changed since we looked. */
@Injectable()
export class ResumeListing {
  readonly #logger = new Logger('AtsResumes');
  /** By connection: applications that failed and may succeed later. They come when there are no others. */
  readonly #later = new Map<string, Set<string>>();

  constructor(private readonly em: EntityManager) {}

  /**
   * Looks at up to `limit` applications; returns how many it looked at. One that fails stops none of the others.
   * @throws ProviderFault that concerns the whole connection, when what was found before is saved.
   */
  async look(connection: ResumeOwner, session: ProviderSession, limit: number): Promise<number> {
    const { resumes } = session.provider;
    if (resumes?.ofApplication === undefined) return 0;
    const later = this.#later.get(connection.id) ?? new Set();
    let unlooked = await this.#unlooked(connection.id, limit, [...later]);
    if (unlooked.length === 0 && later.size > 0) {
      later.clear();
      unlooked = await this.#unlooked(connection.id, limit, []);
    }
    const found: ResumeRecord[] = [];
    const looked: Unlooked[] = [];
    const away: ProviderFault[] = [];
    let stop: { readonly error: unknown } | null = null;
    const queue = new PQueue({ concurrency: AT_ONCE });
    await queue.addAll(
      unlooked.map((application) => async () => {
        if (stop !== null) return;
        try {
          const resume = await resumes.ofApplication?.(session.context, {
            remoteId: application.remote_id,
            candidateRemoteId: application.candidate_remote_id,
          });
          if (resume !== null && resume !== undefined) found.push(resume);
          looked.push(application);
        } catch (error) {
          const fault = error instanceof ProviderFault ? error : null;
          const gone = error instanceof AtsError && error.code === 'not-connected';
          if (gone || session.context.signal.aborted || (fault !== null && OF_THE_CONNECTION.includes(fault.code))) {
            stop ??= { error };
          } else if (fault?.retryable === true) {
            later.add(application.remote_id);
            away.push(fault);
          } else {
            // Asking again brings the same: it is looked at once more when it changes.
            this.#logger.warn(`An application of connection ${connection.id} gave no résumé: ${messageOf(error)}`);
            looked.push(application);
          }
        }
      }),
    );
    if (later.size > 0) this.#later.set(connection.id, later);
    else this.#later.delete(connection.id);
    await this.#save(connection, looked, found);
    const stopped = stop as { readonly error: unknown } | null;
    if (stopped !== null) throw stopped.error;
    if (looked.length === 0 && away[0] !== undefined) throw away[0];
    return looked.length;
  }

  async #unlooked(connectionId: string, limit: number, except: readonly string[]): Promise<Unlooked[]> {
    return query<Unlooked>(
      this.em.fork(),
      `select a.remote_id, a.candidate_remote_id, a.version::float8 as version from ats.applications a
       where a.connection_id = $1 and a.tombstone is null and (a.resume_checked_version is null or a.resume_checked_version < a.version)
         and a.remote_id <> all($3::text[])
         and exists (select 1 from ats.candidates c where c.connection_id = a.connection_id and c.remote_id = a.candidate_remote_id)
       order by a.resume_checked_version nulls first, a.remote_id limit $2`,
      [connectionId, limit, except],
    );
  }

  async #save(connection: ResumeOwner, looked: readonly Unlooked[], given: readonly ResumeRecord[]): Promise<void> {
    const connectionId = connection.id;
    if (looked.length === 0) return;
    // One whose ids the database cannot keep must not stop the others.
    const { records } = storablePage({ records: given, rejected: [], withheld: [], next: null });
    const found = records.filter((record) => record.kind === 'resume');
    await this.em.fork().transactional(async (em) => {
      await holdConnection(em, connection);
      const known = await readKnown(
        em,
        'resume',
        connectionId,
        found.map((resume) => resume.remoteId),
      );
      const locator = (resume: ResumeRecord) => ({ locator: resume.locator });
      const { changed } = await upsertRecords(em, 'resume', connectionId, found, known, { derive: locator });
      await supersedeResumes(
        em,
        connectionId,
        changed.map(({ record }) => record),
      );
      await execute(
        em,
        `update ats.applications a set resume_checked_version = l.version
         from jsonb_to_recordset($2::jsonb) as l(remote_id text, version bigint)
         where a.connection_id = $1 and a.remote_id = l.remote_id`,
        [connectionId, JSON.stringify(looked.map(({ remote_id, version }) => ({ remote_id, version })))],
      );
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
