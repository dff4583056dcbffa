import type { EntityManager } from '@mikro-orm/postgresql';
import { execute } from '../../database/query.js';
import type { CreditLedger, CreditRefusal } from '../../plan/credit-ledger.port.js';
import type { AtsDatabase } from '../ats-database.js';
import { LedgerAway } from './ledger-away.js';
import type { LedgerCall, LedgerTrouble } from './operations.js';

type Entry = 'reserved' | 'committed' | 'released';

/** Credits in the database of the library: `commit` takes part in the transaction. It fails when it is told to. */
export class TroubledLedger implements CreditLedger {
  trouble: LedgerTrouble | null = null;
  #database: AtsDatabase | null = null;

  /** Keeps its credits there from now on. */
  async open(database: AtsDatabase): Promise<void> {
    this.#database = database;
    await database.rows(`create table life_cycle_ledger (key text primary key, state text not null)`);
    await database.rows(`create table life_cycle_credits (credits int not null check (credits >= 0))`);
  }

  /** As before the first customer. */
  async reset(credits: number): Promise<void> {
    this.trouble = null;
    await this.#rows(`truncate life_cycle_ledger, life_cycle_credits`);
    await this.#rows(`insert into life_cycle_credits values ($1)`, [credits]);
  }

  async left(): Promise<number> {
    const [row] = await this.#rows<{ credits: number }>(`select credits from life_cycle_credits`);
    return row?.credits ?? 0;
  }

  async keys(state: Entry): Promise<string[]> {
    const rows = await this.#rows<{ key: string }>(`select key from life_cycle_ledger where state = $1 order by key`, [
      state,
    ]);
    return rows.map(({ key }) => key);
  }

  reserve(key: string): Promise<{ readonly ok: true } | CreditRefusal> {
    return this.#call('reserve', async () => {
      await this.#rows(
        `with spent as (update life_cycle_credits set credits = credits - 1
           where credits > 0 and not exists (select 1 from life_cycle_ledger where key = $1) returning 1)
         insert into life_cycle_ledger select $1, 'reserved' from spent`,
        [key],
      );
      const state = await this.#stateOf(key);
      if (state === 'reserved' || state === 'committed') return { ok: true };
      return { ok: false, message: state === undefined ? 'No credits are left.' : 'This credit was given back.' };
    });
  }

  commit(key: string, em: EntityManager): Promise<void> {
    return this.#call('commit', async () => {
      const committed = await execute(
        em,
        `update life_cycle_ledger set state = 'committed' where key = $1 and state = 'reserved'`,
        [key],
      );
      if (committed === 0) throw new Error(`No credit is reserved under ${key}.`);
    });
  }

  release(key: string): Promise<void> {
    return this.#call('release', async () => {
      await this.#rows(
        `with freed as (update life_cycle_ledger set state = 'released' where key = $1 and state = 'reserved' returning 1)
         update life_cycle_credits set credits = credits + 1 from freed`,
        [key],
      );
    });
  }

  async #call<Result>(call: LedgerCall, work: () => Promise<Result>): Promise<Result> {
    const fails = this.trouble?.calls.includes(call) === true ? this.trouble.when : null;
    if (fails === 'before') throw new LedgerAway('The ledger is away.');
    const result = await work();
    if (fails === 'after') throw new LedgerAway("The ledger's answer was lost.");
    return result;
  }

  async #stateOf(key: string): Promise<Entry | undefined> {
    const [row] = await this.#rows<{ state: Entry }>(`select state from life_cycle_ledger where key = $1`, [key]);
    return row?.state;
  }

  #rows<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    if (this.#database === null) throw new Error('The ledger is not open.');
    return this.#database.rows<Row>(sql, parameters);
  }
}
