import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { ownedConnection } from '../connections/owned-connection.js';
import { query } from '../database/query.js';

export interface SkippedEntry {
  readonly kind: string;
  readonly remoteId: string;
  readonly reason: string;
  readonly jobRemoteId: string | null;
  readonly seenAt: Date;
}

export interface QuarantinedEntry {
  readonly kind: string;
  readonly remoteId: string | null;
  readonly rowKey: string;
  readonly reason: string;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

export interface PageOf {
  /** The remote id (skipped) or row key (quarantined) after which to continue. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** What is not here and why. Every read is scoped by workspace. */
@Injectable()
export class SetAsideRecords {
  constructor(private readonly em: EntityManager) {}

  async skipped(workspaceId: string, connectionId: string, page: PageOf): Promise<SkippedEntry[]> {
    await ownedConnection(this.em.fork(), workspaceId, connectionId);
    return query(
      this.em.fork(),
      `select kind, remote_id as "remoteId", reason, job_remote_id as "jobRemoteId", seen_at as "seenAt" from ats.skipped_records
       where connection_id = $1 and remote_id > $2 order by remote_id, kind limit $3`,
      [connectionId, page.after ?? '', page.limit],
      ['seenAt'],
    );
  }

  async quarantined(workspaceId: string, connectionId: string, page: PageOf): Promise<QuarantinedEntry[]> {
    await ownedConnection(this.em.fork(), workspaceId, connectionId);
    return query(
      this.em.fork(),
      `select kind, remote_id as "remoteId", row_key as "rowKey", reason, first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt"
       from ats.quarantined_records where connection_id = $1 and row_key > $2 order by row_key, kind limit $3`,
      [connectionId, page.after ?? '', page.limit],
      ['firstSeenAt', 'lastSeenAt'],
    );
  }
}
