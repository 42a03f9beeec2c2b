import { type RawBuilder, type SqlBool, sql } from 'kysely';

/** A number in a place where PostgreSQL does not know the type of a parameter by itself; the same in SQLite. */
export function numberIn(value: number | null): RawBuilder<number> {
  return sql<number>`cast(${value} as bigint)`;
}

/** A text in such a place. */
export function textIn(value: string | null): RawBuilder<string> {
  return sql<string>`cast(${value} as text)`;
}

/** The larger of a column's number and another: SQLite calls it `max`, PostgreSQL `greatest`. */
export function atLeast(column: string, value: number): RawBuilder<number> {
  const known = sql.ref(column);
  return sql<number>`case when ${known} > ${numberIn(value)} then ${known} else ${numberIn(value)} end`;
}

/**
 * Returns true for a column's text that ends with another. The other may have the wildcards of a pattern in it, and `\`, which is one for
 * PostgreSQL alone.
 */
export function endsWith(column: string, end: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`${sql.ref(column)} like ${`%${end.replaceAll(/[\\%_]/g, '\\$&')}`} escape ${sql.lit('\\')}`;
}
