import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { execute, query } from '../database/query.js';
import { AtsError } from '../support/ats-error.js';
import { SealedBox } from '../support/sealed-box.js';
import { SEALED_TABLES } from './sealed-tables.js';
import type { SealedRow, SealedTable, SealedTableName } from './sealed-tables.js';

const DEFAULT_BATCH = 100;
/** Rows that a refresh held are looked at again; after this many rounds they are left to the next call. */
const MOST_ROUNDS = 10;

export interface ResealedTable {
  readonly table: SealedTableName;
  readonly resealed: number;
  /** Rows that could not be opened, by id (a sign-in's by its connection's): left as they are. */
  readonly unopened: readonly string[];
}

export interface KeyRotationReport {
  readonly tables: readonly ResealedTable[];
  /** Values by the id of the key that sealed them. A key that is not named here can be removed from the ring. */
  readonly keysInUse: Readonly<Record<string, number>>;
}

/**
 * Seals everything anew with the first key of the ring, while the application runs. The rows themselves say what is
 * left, so a call that was cut off is simply repeated.
 */
@Injectable()
export class KeyRotation {
  constructor(
    private readonly em: EntityManager,
    @Inject(SealedBox) private readonly box: SealedBox,
  ) {}

  /**
   * Changes no version: who holds credentials goes on with them. Processes that do not know the new key yet cannot open
   * what is sealed with it, so give it to all of them before.
   * @param options.batchSize rows locked at once. @default 100
   */
  async reseal({ batchSize = DEFAULT_BATCH }: { readonly batchSize?: number } = {}): Promise<KeyRotationReport> {
    const tables: ResealedTable[] = [];
    for (const table of SEALED_TABLES) tables.push(await this.#resealTable(table, batchSize));
    return { tables, keysInUse: await this.keysInUse() };
  }

  /** How many values each key of the ring still has to open, by its id. */
  async keysInUse(): Promise<Readonly<Record<string, number>>> {
    const rows = await query<{ key_id: string; count: number }>(
      this.em.fork(),
      `select split_part(sealed, '.', 2) as key_id, count(*)::int as count from (${SEALED_TABLES.map(
        ({ name, column }) => `select ${column} as sealed from ats.${name} where ${column} is not null`,
      ).join(' union all ')}) as everything group by 1 order by 1`,
    );
    return Object.fromEntries(rows.map(({ key_id: keyId, count }) => [keyId, count]));
  }

  async #resealTable(table: SealedTable, batchSize: number): Promise<ResealedTable> {
    let resealed = 0;
    const unopened = new Map<string, string>();
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      let after: string | null = null;
      for (;;) {
        const batch = await this.#resealBatch(table, after, batchSize);
        resealed += batch.resealed;
        for (const row of batch.unopened) unopened.set(row.key, table.idOf(row));
        if (batch.last === null) break;
        after = batch.last;
      }
      if ((await this.#left(table)) <= unopened.size) break;
    }
    return { table: table.name, resealed, unopened: [...unopened.values()] };
  }

  async #resealBatch(
    table: SealedTable,
    after: string | null,
    batchSize: number,
  ): Promise<{ resealed: number; unopened: SealedRow[]; last: string | null }> {
    return this.em.fork().transactional(async (em) => {
      // A row that a refresh is storing into is passed over: it is sealed anew right then.
      const rows = await query<SealedRow>(
        em,
        `select ${table.key}::text as key, ${table.connectionId}::text as connection_id, workspace_id, ${table.column} as sealed
         from ats.${table.name}
         where ${table.column} is not null and not starts_with(${table.column}, $1) and ($2::${table.keyType} is null or ${table.key} > $2::${table.keyType})
         order by ${table.key} limit $3 for update skip locked`,
        [this.box.currentPrefix, after, batchSize],
      );
      const unopened: SealedRow[] = [];
      let resealed = 0;
      for (const row of rows) {
        const sealed = this.#sealAnew(table, row);
        if (sealed === null) unopened.push(row);
        else {
          resealed += await execute(
            em,
            `update ats.${table.name} set ${table.column} = $2 where ${table.key} = $1::${table.keyType} and ${table.column} = $3`,
            [row.key, sealed, row.sealed],
          );
        }
      }
      return { resealed, unopened, last: rows.at(-1)?.key ?? null };
    });
  }

  #sealAnew(table: SealedTable, row: SealedRow): string | null {
    const context = table.contextOf(row);
    try {
      return this.box.seal(this.box.open(row.sealed, context), context);
    } catch (error) {
      if (error instanceof AtsError && error.code === 'cannot-open') return null;
      throw error;
    }
  }

  async #left(table: SealedTable): Promise<number> {
    const [row] = await query<{ count: number }>(
      this.em.fork(),
      `select count(*)::int as count from ats.${table.name} where ${table.column} is not null and not starts_with(${table.column}, $1)`,
      [this.box.currentPrefix],
    );
    return row?.count ?? 0;
  }
}
