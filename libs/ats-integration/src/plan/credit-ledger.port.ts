import type { EntityManager } from '@mikro-orm/postgresql';

/** Credits that a connection costs once. */
export const CONNECTION_CREDITS = 1;

/** A reservation that could not be made. `message` is shown to the customer. */
export interface CreditRefusal {
  readonly ok: false;
  readonly message: string;
}

/**
 * The host's credits. Each call is idempotent by `key`: repeating it changes nothing and gives the same answer, since
 * every one of them may be repeated after a crash. A key is reserved, then either committed or released, never both.
 */
export interface CreditLedger {
  reserve(
    key: string,
    charge: { readonly workspaceId: string; readonly credits: number; readonly reason: string },
  ): Promise<{ readonly ok: true } | CreditRefusal>;
  /** Runs in the transaction that activates the connection: write through the given EntityManager. */
  commit(key: string, em: EntityManager): Promise<void>;
  release(key: string): Promise<void>;
}
export const CreditLedger = Symbol('CreditLedger');
