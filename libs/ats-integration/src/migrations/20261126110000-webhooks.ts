import { Migration } from '@mikro-orm/migrations';

/** Webhooks: hooks with their secrets, the inbox of what they named, and targeted runs that keep nobody's place. */
export class Webhooks extends Migration {
  override up(): void {
    this.addSql(`create table ats.webhook_hooks (
      id text collate "C" primary key,
      connection_id uuid not null unique references ats.connections (id),
      provider text not null,
      how text not null check (how in ('api', 'manual')),
      status text not null check (status in ('waiting', 'active', 'failing', 'silent')),
      status_at timestamptz not null,
      url text not null,
      note text,
      failures int not null default 0,
      failed_at timestamptz,
      last_delivery_at timestamptz,
      last_genuine_at timestamptz,
      judged_until timestamptz,
      unannounced int not null default 0,
      set_up_at timestamptz,
      attempts int not null default 0,
      not_before timestamptz,
      created_at timestamptz not null
    )`);
    // One for each event where the ATS signs each with its own; two of one event while they are exchanged.
    this.addSql(`create table ats.webhook_secrets (
      id uuid primary key,
      hook_id text collate "C" not null references ats.webhook_hooks (id) on delete cascade,
      connection_id uuid not null references ats.connections (id),
      workspace_id text not null,
      event text,
      remote_id text,
      sealed_secret text not null,
      created_at timestamptz not null,
      retires_at timestamptz
    )`);
    this.addSql(`create index webhook_secrets_hook on ats.webhook_secrets (hook_id)`);
    // What a delivery named, never what it said: ids alone.
    this.addSql(`create table ats.webhook_inbox (
      id bigint generated always as identity primary key,
      hook_id text collate "C" not null references ats.webhook_hooks (id) on delete cascade,
      connection_id uuid not null references ats.connections (id),
      delivery_key text collate "C" not null,
      event text not null,
      touched jsonb not null,
      gone jsonb not null,
      occurred_at timestamptz,
      received_at timestamptz not null default now(),
      state text not null check (state in ('pending', 'done', 'ignored', 'given-up')),
      attempts int not null default 0,
      not_before timestamptz,
      unique (hook_id, delivery_key)
    )`);
    this.addSql(`create index webhook_inbox_pending on ats.webhook_inbox (connection_id, id) where state = 'pending'`);
    this.addSql(`create index webhook_inbox_age on ats.webhook_inbox (received_at)`);
    // Hooks at the ATS that go before the grant with which they can be removed.
    this.addSql(`alter table ats.revocations add column remote_hooks jsonb not null default '[]'`);
  }

  override down(): void {
    this.addSql('alter table ats.revocations drop column remote_hooks');
    for (const table of ['webhook_inbox', 'webhook_secrets', 'webhook_hooks']) this.addSql(`drop table ats.${table}`);
  }
}
