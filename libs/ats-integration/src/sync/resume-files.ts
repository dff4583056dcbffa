import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { holdConnection } from '../connections/hold-connection.js';
import type { ProviderSession } from '../connections/session-transport.js';
import { ProviderFault } from '../contract/fault.js';
import type { JsonValue } from '../contract/records.js';
import { execute, query } from '../database/query.js';
import { FileStore } from '../host/file-store.port.js';
import { batchOf } from '../host/batch-of.js';
import { HiringPipeline } from '../host/hiring-pipeline.port.js';
import { FileDownload } from '../http/file-download.js';
import type { Download } from '../http/file-download.js';
import { AtsError } from '../support/ats-error.js';
import { AtsOptions } from '../support/options-token.js';

export interface PendingResume {
  readonly id: string;
  readonly remote_id: string;
  readonly filename: string;
  readonly locator: JsonValue;
  readonly hash: string;
  readonly file_attempts: number;
  readonly candidate_id: string;
}

export interface ResumeOwner {
  readonly id: string;
  readonly workspaceId: string;
  readonly provider: string;
  readonly epoch: number;
}

const MOST_ATTEMPTS = 5;
const RATE_LIMITED_MS = 2_000;

/** Brings the bytes of one résumé from the ATS into the host's store, streaming. */
@Injectable()
export class ResumeFiles {
  constructor(
    private readonly em: EntityManager,
    private readonly download: FileDownload,
    @Inject(FileStore) private readonly store: FileStore,
    @Inject(HiringPipeline) private readonly pipeline: HiringPipeline,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  /**
   * Stored, refused or gone afterwards: true. Still pending, because the file could not be had right now: false.
   * @throws ProviderFault that concerns the whole connection.
   */
  async fetch(connection: ResumeOwner, session: ProviderSession, resume: PendingResume): Promise<boolean> {
    try {
      const download = (await this.#open(session, resume, false)) ?? (await this.#open(session, resume, true));
      if (download === null) await this.#settle(connection, resume, 'gone', 'The ATS no longer has this file.');
      else await this.#keep(connection, session, resume, download);
      return true;
    } catch (error) {
      return this.#failed(connection, session, resume, error);
    }
  }

  /** Null when the link has expired or the file is gone. */
  async #open(
    { provider, context, authoriser, budget }: ProviderSession,
    resume: PendingResume,
    expired: boolean,
  ): Promise<Download | null> {
    const source = await provider.resumes?.locate(context, {
      remoteId: resume.remote_id,
      locator: resume.locator,
      expired,
    });
    if (source === null || source === undefined) return null;
    // A file on the API's own host counts against the account's limit like any other request.
    if (source.authorised) await budget.acquire(context.signal);
    try {
      return await this.download.open({
        source,
        apiUrl: provider.apiUrl(context.config),
        fileHosts: provider.manifest.fileHosts,
        authorisation: source.authorised ? await authoriser.header(context.signal) : null,
        maxBytes: this.options.sync.maxResumeBytes,
        signal: context.signal,
      });
    } catch (error) {
      if (error instanceof ProviderFault && error.code === 'not-found') return null;
      throw brokenOff(error);
    } finally {
      if (source.authorised) budget.settle(null);
    }
  }

  async #keep(
    connection: ResumeOwner,
    { provider }: ProviderSession,
    resume: PendingResume,
    download: Download,
  ): Promise<void> {
    const file = {
      key: `${connection.workspaceId}/${resume.id}`,
      filename: resume.filename,
      contentType: download.contentType,
      stream: download.stream,
    };
    const stored = await this.store.put(file).catch((error: unknown) => {
      throw brokenOff(error);
    });
    await this.em.fork().transactional(async (em) => {
      await holdConnection(em, connection);
      // The listing may have replaced the file while we fetched it: then it is pending again and this one is not it.
      const current = await execute(
        em,
        `update ats.resumes set file_state = 'stored', file_reference = $3, file_size = $4, file_type = $5, file_note = null
         where id = $1 and hash = $2 and file_state = 'pending'`,
        [resume.id, resume.hash, stored.reference, stored.size, download.contentType],
      );
      if (current === 0) return;
      const file = {
        candidateId: resume.candidate_id,
        filename: resume.filename,
        contentType: download.contentType,
        size: stored.size,
        reference: stored.reference,
      };
      await this.pipeline.apply(batchOf(connection, provider.manifest, { resumes: [file] }), em);
    });
  }

  async #failed(
    connection: ResumeOwner,
    { budget, context }: ProviderSession,
    resume: PendingResume,
    error: unknown,
  ): Promise<boolean> {
    // A process that stops, or a connection that went, says nothing about the file.
    if (context.signal.aborted || (error instanceof AtsError && error.code === 'not-connected')) throw error;
    if (error instanceof AtsError && (error.code === 'file-refused' || error.code === 'file-too-large')) {
      return this.#settle(connection, resume, 'refused', error.message);
    }
    if (error instanceof ProviderFault && error.code === 'invalid-request')
      return this.#settle(connection, resume, 'refused', error.message);
    if (error instanceof ProviderFault && error.code === 'rate-limited') {
      // Being asked to wait says nothing about the file: it is no attempt.
      budget.pause(error.retryAfterMs ?? RATE_LIMITED_MS);
      return false;
    }
    if (error instanceof ProviderFault && error.code !== 'unavailable') throw error;
    await query(this.em.fork(), `update ats.resumes set file_attempts = file_attempts + 1 where id = $1`, [resume.id]);
    if (resume.file_attempts + 1 >= MOST_ATTEMPTS) {
      await this.#settle(
        connection,
        resume,
        'refused',
        `The file could not be fetched in ${MOST_ATTEMPTS} attempts. A re-sync tries again.`,
      );
    }
    if (!(error instanceof ProviderFault)) throw error;
    return false;
  }

  async #settle(
    { id, epoch }: ResumeOwner,
    resume: PendingResume,
    state: 'gone' | 'refused',
    note: string,
  ): Promise<true> {
    await execute(
      this.em.fork(),
      `update ats.resumes set file_state = $3, file_note = $4 where id = $1 and hash = $2
         and exists (select 1 from ats.connections where id = $5 and epoch = $6)`,
      [resume.id, resume.hash, state, note, id, epoch],
    );
    return true;
  }
}

/** An answer that ends in the middle, a store that is away: like an ATS that is away, it may be better in a minute. */
function brokenOff(error: unknown): unknown {
  if (error instanceof ProviderFault || error instanceof AtsError) return error;
  return new ProviderFault('unavailable', 'The file could not be fetched whole. It is tried again by itself.', {
    cause: error,
  });
}
