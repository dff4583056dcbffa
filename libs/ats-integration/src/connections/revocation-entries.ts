import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { AtsProvider } from '../contract/ats-provider.js';
import { execute } from '../database/query.js';
import type { SealedBox } from '../support/sealed-box.js';
import type { Credentials } from './credentials.js';
import type { IssueOrigin } from './issues.js';
import { revocationContext } from './sealed-contexts.js';

/**
 * Hands a grant that nobody uses any more to the revocations, where the ATS takes it back or has hooks of ours to be
 * removed with it first; elsewhere it is forgotten here.
 */
export async function giveBack(
  em: EntityManager,
  box: SealedBox,
  { manifest: { auth } }: AtsProvider,
  { id: connectionId, workspaceId, provider }: IssueOrigin,
  credentials: Credentials,
  now: Date,
  remoteHooks: readonly string[] = [],
): Promise<void> {
  const revocable = credentials.kind === 'oauth2' && auth.kind === 'oauth2' && auth.revokePath !== null;
  if (!revocable && remoteHooks.length === 0) return;
  const id = randomUUID();
  await execute(
    em,
    `insert into ats.revocations (id, connection_id, workspace_id, provider, sealed_credentials, created_at, remote_hooks)
     values ($1, $2, $3, $4, $5, $6, $7::jsonb)`,
    [
      id,
      connectionId,
      workspaceId,
      provider,
      box.seal(JSON.stringify(credentials), revocationContext({ id, workspaceId })),
      now,
      JSON.stringify(remoteHooks),
    ],
  );
}
