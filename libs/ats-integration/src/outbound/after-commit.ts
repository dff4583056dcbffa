import type { EntityManager, EventSubscriber, TransactionEventArgs } from '@mikro-orm/postgresql';

/** A transaction, as MikroORM names it: only ever compared. */
type Transaction = object;
type Work = () => Promise<void>;

/**
 * Does something when a transaction of the host's has committed, and nothing when it was rolled back. Of a transaction
 * inside another one the outermost counts. What it does may get lost with the process: a sweep finds it.
 */
export class AfterCommit implements EventSubscriber {
  readonly #work = new WeakMap<Transaction, Work[]>();
  readonly #parents = new WeakMap<Transaction, Transaction>();
  /** The transaction in which one is just being begun, by its EntityManager. */
  readonly #beginning = new WeakMap<object, Transaction>();

  beforeTransactionStart({ em, transaction }: TransactionEventArgs): Promise<void> {
    if (transaction === undefined) this.#beginning.delete(em);
    else this.#beginning.set(em, transaction as Transaction);
    return Promise.resolve();
  }

  afterTransactionStart({ em, transaction }: TransactionEventArgs): Promise<void> {
    const parent = this.#beginning.get(em);
    if (parent !== undefined && transaction !== undefined) this.#parents.set(transaction as Transaction, parent);
    return Promise.resolve();
  }

  /** The host does not wait for it: its transaction is done. */
  afterTransactionCommit({ transaction }: TransactionEventArgs): Promise<void> {
    const work = transaction === undefined ? undefined : this.#work.get(transaction as Transaction);
    if (transaction !== undefined) this.#work.delete(transaction as Transaction);
    for (const each of work ?? []) void each().catch(() => undefined);
    return Promise.resolve();
  }

  /** `em` must be in a transaction. */
  add(em: EntityManager, work: Work): void {
    let transaction = em.getTransactionContext<Transaction>();
    if (transaction === undefined) return;
    for (let parent = this.#parents.get(transaction); parent !== undefined; parent = this.#parents.get(transaction)) {
      transaction = parent;
    }
    const others = this.#work.get(transaction);
    if (others === undefined) this.#work.set(transaction, [work]);
    else others.push(work);
  }
}
