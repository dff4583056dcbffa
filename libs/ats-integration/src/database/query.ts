import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';

/**
 * Runs SQL with bound parameters (`$1`) in the EntityManager's transaction, or by itself when there is none.
 * MikroORM's own `execute` writes the parameters into the text, which costs a parse of half a megabyte for a page.
 */
export async function query<Row>(em: EntityManager, sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
  const result = await em.getKysely().executeQuery<Row>(CompiledQuery.raw(sql, [...parameters]));
  return result.rows;
}

/** As `query`, for statements without rows: how many rows were touched. */
export async function execute(em: EntityManager, sql: string, parameters: readonly unknown[] = []): Promise<number> {
  const result = await em.getKysely().executeQuery(CompiledQuery.raw(sql, [...parameters]));
  return Number(result.numAffectedRows ?? 0n);
}
