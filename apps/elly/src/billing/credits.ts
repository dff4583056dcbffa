import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { boundQuery } from '../database/bound-query.js';

export interface Charge {
  readonly workspaceId: string;
  readonly credits: number;
  readonly reason: string;
}

export type Reservation = { readonly ok: true } | { readonly ok: false; readonly message: string };

type SettledKind = 'reserve' | 'commit' | 'release';

/**
 * A workspace's credits: a balance on the workspace and a ledger whose entries are unique by key and kind. Every change is
 * one statement that writes both, so that neither a crash nor a race can part them, and each is idempotent by key.
 */
@Injectable()
export class Credits {
  constructor(private readonly em: EntityManager) {}

  async reserve(key: string, charge: Charge): Promise<Reservation> {
    // The row lock makes two charges queue up, and the second sees what the first left. The new balance is reckoned from
    // what was locked: `w` may be older, and Postgres holds the check of the balance against what comes of that first.
    const { affected } = await boundQuery(
      this.em,
      `with workspace as (select id, credits from elly.workspaces where id = $2 for no key update),
            entry as (
              insert into elly.credit_entries (workspace_id, key, kind, credits, reason)
              select id, $1, 'reserve', -$3::integer, $4 from workspace where credits >= $3::integer
              on conflict do nothing returning workspace_id
            )
       update elly.workspaces w set credits = workspace.credits - $3::integer from workspace, entry where w.id = entry.workspace_id`,
      [key, charge.workspaceId, charge.credits, charge.reason],
    );
    if (affected === 1) return { ok: true };
    const state = await this.#stateOf(this.em, key);
    if (state === 'reserve' || state === 'commit') return { ok: true };
    if (state === 'release')
      return { ok: false, message: 'This attempt has ended and its credit was given back. Start again.' };
    return { ok: false, message: await this.#whyNot(charge) };
  }

  /** @throws Error when nothing is reserved under the key: what it pays for must not happen then. */
  async commit(key: string, em: EntityManager): Promise<void> {
    await boundQuery(
      em,
      `insert into elly.credit_entries (workspace_id, key, kind, credits, reason)
       select workspace_id, key, 'commit', 0, reason from elly.credit_entries where key = $1 and kind = 'reserve'
       on conflict do nothing`,
      [key],
    );
    const state = await this.#stateOf(em, key);
    if (state === 'commit') return;
    throw new Error(
      state === 'release'
        ? `The credit of ${key} was given back already; reserve again.`
        : `No credit is reserved under ${key}.`,
    );
  }

  /** Gives a reservation back. What was never reserved, is given back already, or was committed meanwhile, stays as it is. */
  async release(key: string): Promise<void> {
    await boundQuery(
      this.em,
      `with entry as (
         insert into elly.credit_entries (workspace_id, key, kind, credits, reason)
         select workspace_id, key, 'release', -credits, reason from elly.credit_entries where key = $1 and kind = 'reserve'
         on conflict do nothing returning workspace_id, credits
       )
       update elly.workspaces w set credits = w.credits + entry.credits from entry where w.id = entry.workspace_id`,
      [key],
    );
  }

  /** Adds credits, once for each key. */
  async grant(key: string, charge: Charge): Promise<void> {
    await boundQuery(
      this.em,
      `with entry as (
         insert into elly.credit_entries (workspace_id, key, kind, credits, reason) values ($2, $1, 'grant', $3, $4)
         on conflict do nothing returning workspace_id, credits
       )
       update elly.workspaces w set credits = w.credits + entry.credits from entry where w.id = entry.workspace_id`,
      [key, charge.workspaceId, charge.credits, charge.reason],
    );
  }

  async #stateOf(em: EntityManager, key: string): Promise<SettledKind | null> {
    const { rows } = await boundQuery<{ readonly kind: SettledKind }>(
      em,
      `select kind from elly.credit_entries where key = $1 and kind <> 'grant' order by id desc limit 1`,
      [key],
    );
    return rows[0]?.kind ?? null;
  }

  async #whyNot(charge: Charge): Promise<string> {
    const { rows } = await boundQuery<{ readonly credits: number }>(
      this.em,
      `select credits from elly.workspaces where id = $1`,
      [charge.workspaceId],
    );
    const left = rows[0]?.credits;
    if (left === undefined) throw new Error(`There is no workspace ${charge.workspaceId}.`);
    return `This costs ${count(charge.credits)} and ${left === 0 ? 'none is' : `only ${count(left)} ${left === 1 ? 'is' : 'are'}`} left. Buy credits under Settings → Billing.`;
  }
}

function count(credits: number): string {
  return credits === 1 ? '1 credit' : `${credits} credits`;
}
