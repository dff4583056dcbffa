import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import PQueue from 'p-queue';
import type { ProviderSession } from '../connections/session-transport.js';
import type { ResumeRecord } from '../contract/records.js';
import { execute, query } from '../database/query.js';
import { supersedeResumes } from '../records/supersede-resumes.js';
import { readKnown, upsertRecords } from '../records/upsert-records.js';
import type { ResumeOwner } from './resume-files.js';

const AT_ONCE = 4;

interface Unlooked {
  readonly remote_id: string;
  readonly candidate_remote_id: string;
  readonly version: number;
}

/** For an ATS that tells of résumés one application at a time: looks at those that are new or changed since we looked. */
@Injectable()
export class ResumeListing {
  constructor(private readonly em: EntityManager) {}

  /** Looks at up to `limit` applications; returns how many it looked at. */
  async look(connection: ResumeOwner, session: ProviderSession, limit: number): Promise<number> {
    const { resumes } = session.provider;
    if (resumes?.ofApplication === undefined) return 0;
    const unlooked = await query<Unlooked>(
      this.em.fork(),
      `select a.remote_id, a.candidate_remote_id, a.version::float8 as version from ats.applications a
       where a.connection_id = $1 and a.tombstone is null and (a.resume_checked_version is null or a.resume_checked_version < a.version)
         and exists (select 1 from ats.candidates c where c.connection_id = a.connection_id and c.remote_id = a.candidate_remote_id)
       order by a.resume_checked_version nulls first, a.remote_id limit $2`,
      [connection.id, limit],
    );
    const found: ResumeRecord[] = [];
    const queue = new PQueue({ concurrency: AT_ONCE });
    await queue.addAll(
      unlooked.map((application) => async () => {
        const resume = await resumes.ofApplication?.(session.context, {
          remoteId: application.remote_id,
          candidateRemoteId: application.candidate_remote_id,
        });
        if (resume !== null && resume !== undefined) found.push(resume);
      }),
    );
    await this.#save(connection.id, unlooked, found);
    return unlooked.length;
  }

  async #save(connectionId: string, looked: readonly Unlooked[], found: readonly ResumeRecord[]): Promise<void> {
    if (looked.length === 0) return;
    await this.em.fork().transactional(async (em) => {
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
