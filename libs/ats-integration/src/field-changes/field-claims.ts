import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import type { ConnectionSettings } from '../connections/connection-settings.js';
import type { JsonValue } from '../contract/records.js';
import { query } from '../database/query.js';
import { holdLease, releaseLease } from '../outbound/lease.js';
import type { Letting } from '../outbound/lease.js';
import { AtsOptions } from '../support/options-token.js';
import type { FieldEdit } from './decide-field.js';

/** An edit that this process holds. Every write for it is conditional on `fence` and on the connection's `epoch`. */
export interface ClaimedEdit {
  readonly id: string;
  readonly fence: number;
  /** What is still open of it. */
  fields: readonly FieldEdit[];
  readonly requestedAt: Date;
  /** Looks at the ATS in a row that came to nothing. */
  readonly failures: number;
  /** The library's id, and the ATS's. */
  readonly candidate: { readonly id: string; readonly remoteId: string };
  readonly connection: {
    readonly id: string;
    readonly workspaceId: string;
    readonly provider: string;
    readonly epoch: number;
    readonly remoteAccountId: string | null;
    readonly scopes: readonly string[];
    readonly settings: ConnectionSettings;
  };
}

interface ClaimRow {
  readonly id: string;
  readonly fence: number;
  readonly requested_at: Date;
  readonly failures: number;
  readonly candidate_id: string;
  readonly candidate_remote_id: string;
  readonly connection_id: string;
  readonly workspace_id: string;
  readonly provider: string;
  readonly epoch: number;
  readonly remote_account_id: string | null;
  readonly scopes: readonly string[];
  readonly settings: ConnectionSettings;
}

/** An edit is several requests, each of which may wait for the account's budget: its lease is this many of a run's. */
const RUN_LEASES = 2;

/** Who works on an edit: a lease by the database's clock, with a fence that grows at every claim. */
@Injectable()
export class FieldClaims {
  readonly leaseMs: number;

  constructor(
    private readonly em: EntityManager,
    @Inject(AtsOptions) options: AtsIntegrationOptions,
  ) {
    this.leaseMs = options.sync.leaseSeconds * RUN_LEASES * 1000;
  }

  /** The candidate's first open edit. Null when there is none, somebody who lives has it, or it is to wait. */
  async claim(candidateId: string): Promise<ClaimedEdit | null> {
    const [row] = await query<ClaimRow>(
      this.em.fork(),
      `update ats.field_changes s set status = 'sending', fence = s.fence + 1, not_before = null, lease_until = now() + make_interval(secs => $2)
       from ats.connections c
       where s.id = (select id from ats.field_changes where candidate_id = $1 and status in ('pending', 'sending') order by nth limit 1)
         and s.status in ('pending', 'sending') and c.id = s.connection_id and c.epoch = s.epoch and c.status = 'active'
         and (s.lease_until is null or s.lease_until < now()) and (s.not_before is null or s.not_before <= now())
       returning s.id, s.fence, s.requested_at, s.failures, s.candidate_id, s.candidate_remote_id, s.connection_id, c.workspace_id,
         c.provider, c.epoch, c.remote_account_id, c.scopes, c.settings`,
      [candidateId, this.leaseMs / 1000],
      ['requested_at'],
    );
    if (row === undefined) return null;
    // Whoever takes a field out of it meanwhile takes the fence too.
    return toClaimed(row, await readOpenFields(this.em.fork(), row.id));
  }

  /** Extends the lease before each step. @throws ChangeLost */
  async hold(edit: ClaimedEdit): Promise<void> {
    await holdEdit(this.em.fork(), edit, this.leaseMs);
  }

  /** Lets go: somebody looks again after this long. `why` is what a person sees meanwhile. */
  async release(edit: ClaimedEdit, afterMs: number, letting: Letting): Promise<void> {
    await releaseLease(this.em.fork(), 'ats.field_changes', edit, afterMs, letting);
  }
}

/**
 * Makes sure, in the caller's transaction, that the edit is still ours and its connection the one it began with. The row
 * stays locked: nobody takes a field of it back or over in between.
 * @throws ChangeLost
 */
export async function holdEdit(em: EntityManager, edit: ClaimedEdit, leaseMs: number): Promise<void> {
  await holdLease(em, 'ats.field_changes', edit, leaseMs);
}

export async function readOpenFields(em: EntityManager, changeId: string): Promise<FieldEdit[]> {
  return query<{ field: string; seen: JsonValue; wanted: JsonValue }>(
    em,
    `select field, seen, wanted from ats.field_change_values where change_id = $1 and status = 'open' order by field`,
    [changeId],
  );
}

function toClaimed(row: ClaimRow, fields: readonly FieldEdit[]): ClaimedEdit {
  return {
    id: row.id,
    fence: row.fence,
    fields,
    requestedAt: row.requested_at,
    failures: row.failures,
    candidate: { id: row.candidate_id, remoteId: row.candidate_remote_id },
    connection: {
      id: row.connection_id,
      workspaceId: row.workspace_id,
      provider: row.provider,
      epoch: row.epoch,
      remoteAccountId: row.remote_account_id,
      scopes: row.scopes,
      settings: row.settings,
    },
  };
}
