import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { query } from '../database/query.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { AtsError } from '../support/ats-error.js';
import type { ConnectionSettings } from './connection-settings.js';
import { assertNarrowing } from './effective-fields.js';
import { connectionNotFound, ownedConnection } from './owned-connection.js';

/** What a customer set for a connection. It holds for what begins after it: a run that is under way keeps what it began with. */
@Injectable()
export class ConnectionPreferences {
  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
  ) {}

  /** @throws AtsError `not-found` */
  async read(workspaceId: string, connectionId: string): Promise<ConnectionSettings> {
    return settingsOf(this.em.fork(), `select settings from ats.connections where workspace_id = $1 and id = $2`, [
      workspaceId,
      connectionId,
    ]);
  }

  /**
   * Replaces the settings that are given, keeps the others; null takes one back to its default.
   * @throws AtsError `not-found`, `unknown-user` when a user of the ATS is named that is not here, `invalid-request` when a field is
   * named that the ATS does not have, or one is to go both ways that it does not take
   */
  async change(
    workspaceId: string,
    connectionId: string,
    changes: { readonly [Name in keyof ConnectionSettings]?: ConnectionSettings[Name] | null },
  ): Promise<ConnectionSettings> {
    const em = this.em.fork();
    const { provider } = await ownedConnection(em, workspaceId, connectionId);
    const { fields, conflicts } = changes;
    if (fields != null || conflicts != null) {
      const given = { ...(fields == null ? {} : { fields }), ...(conflicts == null ? {} : { conflicts }) };
      assertNarrowing(this.registry.get(provider).provider, given);
    }
    const named = actingUserIn(changes);
    if (named !== null) await assertUser(em, connectionId, named);
    return settingsOf(
      em,
      `update ats.connections set settings = jsonb_strip_nulls(settings || $3::jsonb) where workspace_id = $1 and id = $2
       returning settings`,
      [workspaceId, connectionId, JSON.stringify(changes)],
    );
  }
}

async function settingsOf(em: EntityManager, sql: string, parameters: readonly unknown[]): Promise<ConnectionSettings> {
  const [row] = await query<{ settings: ConnectionSettings }>(em, sql, parameters);
  if (row === undefined) throw connectionNotFound();
  return row.settings;
}

function actingUserIn(changes: { readonly actingUser?: ConnectionSettings['actingUser'] | null }): string | null {
  const { actingUser } = changes;
  if (actingUser === undefined || actingUser === null) return null;
  return actingUser.kind === 'mapped' ? actingUser.fallbackRemoteUserId : (actingUser.remoteUserId ?? null);
}

async function assertUser(em: EntityManager, connectionId: string, remoteId: string): Promise<void> {
  const found = await query(
    em,
    `select 1 from ats.users where connection_id = $1 and remote_id = $2 and active and tombstone is null`,
    [connectionId, remoteId],
  );
  if (found.length > 0) return;
  throw new AtsError(
    'unknown-user',
    'The ATS has no active user with this id among those that were synced. Choose another one, or sync first.',
  );
}
