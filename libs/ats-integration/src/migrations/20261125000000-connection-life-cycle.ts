import { Migration } from '@mikro-orm/migrations';

/** Legal moves, as `LEGAL_TRANSITIONS` and `LEGAL_RUN_TRANSITIONS` list them: a spec holds the two against each other. */
const CONNECTION_MOVES = [
  'authorizing>active',
  'authorizing>disconnected',
  'active>reconnect_required',
  'active>suspended',
  'active>disconnected',
  'reconnect_required>active',
  'reconnect_required>suspended',
  'reconnect_required>disconnected',
  'suspended>active',
  'suspended>reconnect_required',
  'suspended>disconnected',
  'disconnected>active',
];

const RUN_MOVES = [
  'queued>running',
  'queued>aborted',
  'running>queued',
  'running>completed',
  'running>failed',
  'running>aborted',
];

/** Connections that survive: browser-bound sign-ins, tokens kept alive and revoked, suspension, and moves that only the state machines know. */
export class ConnectionLifeCycle extends Migration {
  override up(): void {
    this.addSql(`alter table ats.connections
      add column credit_key text,
      add column grant_dead_at timestamptz,
      add column refreshed_at timestamptz,
      add column refresh_failures int not null default 0,
      add column refresh_not_before timestamptz,
      add column expiry_warned_at timestamptz,
      add column suspended_at timestamptz,
      add column disconnected_at timestamptz,
      add column disconnected_by text`);
    this.addSql(`create index connections_keep_alive on ats.connections (refreshed_at)
      where status in ('active', 'suspended') and refresh_expires_at is not null`);
    this.addSql(`alter table ats.connect_states
      add column browser_hash text,
      add column purpose text not null default 'connect' check (purpose in ('connect', 'reconnect'))`);
    // Grants that are to be given back to the ATS: the connection has let go of them already.
    this.addSql(`create table ats.revocations (
      id uuid primary key,
      connection_id uuid not null references ats.connections (id),
      workspace_id text not null,
      provider text not null,
      sealed_credentials text not null,
      attempts int not null default 0,
      not_before timestamptz,
      created_at timestamptz not null
    )`);
    this.guard('connections', CONNECTION_MOVES);
    this.guard('sync_runs', RUN_MOVES);
  }

  override down(): void {
    for (const table of ['connections', 'sync_runs']) {
      this.addSql(`drop trigger ${table}_legal_move on ats.${table}`);
      this.addSql(`drop function ats.${table}_legal_move()`);
    }
    this.addSql('drop table ats.revocations');
    this.addSql('alter table ats.connect_states drop column browser_hash, drop column purpose');
    this.addSql('drop index ats.connections_keep_alive');
    this
      .addSql(`alter table ats.connections drop column credit_key, drop column grant_dead_at, drop column refreshed_at,
      drop column refresh_failures, drop column refresh_not_before, drop column expiry_warned_at, drop column suspended_at,
      drop column disconnected_at, drop column disconnected_by`);
  }

  /** A move that no state machine has is refused, whoever tries it. */
  private guard(table: string, moves: readonly string[]): void {
    this.addSql(`create function ats.${table}_legal_move() returns trigger language plpgsql as $$
      begin
        if old.status || '>' || new.status <> all (array['${moves.join("', '")}']) then
          raise exception 'ats.${table}: % cannot become %', old.status, new.status using errcode = 'check_violation';
        end if;
        return new;
      end $$`);
    this.addSql(`create trigger ${table}_legal_move before update of status on ats.${table}
      for each row when (old.status is distinct from new.status) execute function ats.${table}_legal_move()`);
  }
}
