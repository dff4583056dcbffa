import type { Credentials } from '../../connections/credentials.js';
import { credentialsContext } from '../../connections/sealed-contexts.js';
import { SealedBox } from '../../support/sealed-box.js';
import type { AtsDatabase } from '../ats-database.js';
import type { RunningAts } from '../running-ats.js';
import type { GrantServer } from './grant-server.js';
import type { Observation, SeenConnection, SeenMove } from './observation.js';
import type { TroubledLedger } from './troubled-ledger.js';

interface Row extends Omit<SeenConnection, 'sealed' | 'grant' | 'current'> {
  readonly credentials: string | null;
}

/** From now on every change of a connection is written down, whoever makes it. */
export async function watchMoves(database: AtsDatabase): Promise<void> {
  await database.rows(
    `create table life_cycle_moves (no bigint generated always as identity, id uuid, before text, after text, epoch_before int, epoch_after int)`,
  );
  await database.rows(`create function life_cycle_note() returns trigger language plpgsql as $$ begin
    insert into life_cycle_moves (id, before, after, epoch_before, epoch_after)
    values (new.id, old.status, new.status, old.epoch, new.epoch);
    return null; end $$`);
  await database.rows(`create trigger life_cycle_note after update on ats.connections for each row
    when (old.status is distinct from new.status or old.epoch is distinct from new.epoch) execute function life_cycle_note()`);
}

/** What can be seen of it all from outside. A connect that came to nothing leaves a row of which nobody hears again. */
export async function observe(ats: RunningAts, server: GrantServer, ledger: TroubledLedger): Promise<Observation> {
  const { database } = ats;
  const rows = await database.rows<Row>(
    `select id, workspace_id as workspace, provider, status, remote_account_id as account, epoch,
       grant_dead_at is not null as dead, sealed_credentials as credentials,
       status in ('active', 'reconnect_required', 'authorizing') as "holdsPlace",
       last_synced_at is not null or exists (select 1 from ats.jobs where connection_id = c.id) as "hasData",
       (select coalesce(json_object_agg(type, count), '{}') from (select body ->> 'type' as type, count(*)::int as count
         from ats.outbox_events where connection_id = c.id and body ->> 'type' like 'connection.%' group by 1) e) as events,
       (select coalesce(json_agg(code order by code), '[]') from ats.issues where connection_id = c.id and resolved_at is null) as issues,
       (select count(*)::int from ats.sync_runs where connection_id = c.id and status in ('queued', 'running')) as "activeRuns"
     from ats.connections c where not (status = 'disconnected' and credentials_version = 0) order by id`,
  );
  const marked = await database.rows<{ id: string }>(
    `select id from ats.connections where status = 'disconnected' and status_reason = 'abandoned'`,
  );
  const records = await database.rows<{ key: string; id: string }>(
    `select connection_id || ' ' || remote_id as key, id from ats.jobs`,
  );
  const moves = await database.rows<SeenMove>(
    `select id, before, after, epoch_before as "epochBefore", epoch_after as "epochAfter" from life_cycle_moves order by no`,
  );
  return {
    connections: rows.map(({ credentials, ...row }) => ({ ...row, ...heldBy(ats, server, row, credentials) })),
    credits: {
      left: await ledger.left(),
      reserved: await ledger.keys('reserved'),
      committed: (await ledger.keys('committed')).length,
    },
    marked: marked.map(({ id }) => id),
    grants: Object.fromEntries([...server.grants.values()].map(({ id, alive }) => [id, alive])),
    records: Object.fromEntries(records.map(({ key, id }) => [key, id])),
    moves,
  };
}

function heldBy(
  ats: RunningAts,
  server: GrantServer,
  { id, workspace: workspaceId }: { id: string; workspace: string },
  sealed: string | null,
): Pick<SeenConnection, 'sealed' | 'grant' | 'current'> {
  if (sealed === null) return { sealed: false, grant: null, current: false };
  const text = ats.get(SealedBox).open(sealed, credentialsContext({ id, workspaceId }));
  const credentials = JSON.parse(text) as Credentials;
  const token = credentials.kind === 'oauth2' ? (credentials.refreshToken ?? '') : '';
  const grant = server.grantOf(token);
  return { sealed: true, grant: grant?.id ?? null, current: grant?.refreshToken === token };
}
