import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';

/**
 * Runs SQL with bound parameters (`$1`) in the EntityManager's transaction, or by itself when there is none.
 * MikroORM's own `execute` writes the parameters into the text, which costs a parse of half a megabyte for a page.
 * MikroORM's connections give moments as text: `dates` names the columns that are to be `Date`.
 */
export async function query<Row>(
  em: EntityManager,
  sql: string,
  parameters: readonly unknown[] = [],
  dates: readonly (keyof Row & string)[] = [],
): Promise<Row[]> {
  const result = await em.getKysely().executeQuery<Row>(CompiledQuery.raw(sql, [...parameters]));
  for (const row of result.rows as Record<string, unknown>[]) {
    for (const column of dates) row[column] = toDate(row[column]);
  }
  return result.rows;
}

/** `2026-11-23 21:51:10.123456+00`, as Postgres writes a moment, or a Date already. */
function toDate(value: unknown): Date | null {
  if (value instanceof Date) return value;
  if (typeof value !== 'string') return null;
  return new Date(value.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));
}

/** As `query`, for statements without rows: how many rows were touched. */
export async function execute(em: EntityManager, sql: string, parameters: readonly unknown[] = []): Promise<number> {
  const result = await em.getKysely().executeQuery(CompiledQuery.raw(sql, [...parameters]));
  return Number(result.numAffectedRows ?? 0n);
}
