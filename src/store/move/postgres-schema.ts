import type { Connection } from '../postgres/connection.ts';
import { byName, type Column, isMoved, type Shape } from './side.ts';

/** Types of columns: whole numbers of 8, 2 and 4 bytes, and texts. https://www.postgresql.org/docs/current/catalog-pg-type.html */
const kinds: Readonly<Record<string, Column['kind']>> = {
  int8: 'number',
  int2: 'number',
  int4: 'number',
  text: 'text',
  varchar: 'text',
};

/** Reads all tables of the schema that Lookout uses, which need not be there yet. */
export async function shapesOf(connection: Connection): Promise<readonly Shape[]> {
  const tables = await connection.query(
    "select relname as name from pg_class where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')",
  );
  const columns = await connection.query(
    `select c.relname as table, a.attname as name, t.typname as type
     from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_type t on t.oid = a.atttypid
     where c.relnamespace = current_schema()::regnamespace and a.attnum > 0 and not a.attisdropped`,
  );
  const needs = await connection.query(
    `select distinct conrelid::regclass::text as table, c.relname as needed
     from pg_constraint join pg_class c on c.oid = confrelid
     where contype = 'f' and connamespace = current_schema()::regnamespace`,
  );
  return tables.rows
    .map(({ name }) => String(name))
    .filter(isMoved)
    .map((name) => ({
      name,
      columns: columns.rows
        .filter(({ table }) => table === name)
        .map(columnOf)
        .toSorted(byName),
      needs: needs.rows.filter(({ table }) => table === name).map(({ needed }) => String(needed)),
    }))
    .toSorted(byName);
}

function columnOf({ table, name, type }: Readonly<Record<string, unknown>>): Column {
  const kind = kinds[String(type)];
  if (kind === undefined) throw new Error(`${table}.${name} is of the type ${type}, which nothing can move`);
  return { name: String(name), kind };
}

/** Names those of the tables that have rows. */
export async function withRows(connection: Connection, shapes: readonly Shape[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name } of shapes) {
    const { rows } = await connection.query(`select exists (select from "${name}") as has_rows`);
    if (rows[0]?.has_rows === true) found.push(name);
  }
  return found;
}

/**
 * Drops foreign keys, and the indexes that are not part of a constraint: to make them for all rows at once takes a fraction
 * of the time. Returns the statements that make them again.
 */
export async function dropIndexes(connection: Connection): Promise<readonly string[]> {
  const keys = await connection.query(
    `select conrelid::regclass::text as table, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
     from pg_constraint where contype = 'f' and connamespace = current_schema()::regnamespace order by conname`,
  );
  const indexes = await connection.query(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
     from pg_index i join pg_class t on t.oid = i.indrelid
     where t.relnamespace = current_schema()::regnamespace
       and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.conrelid = i.indrelid) order by 1`,
  );
  for (const { table, name } of keys.rows) await connection.query(`alter table ${table} drop constraint ${name}`);
  for (const { name } of indexes.rows) await connection.query(`drop index ${name}`);
  return [
    ...indexes.rows.map(({ definition }) => String(definition)),
    ...keys.rows.map(({ table, name, definition }) => `alter table ${table} add constraint ${name} ${definition}`),
  ];
}

interface Sequence {
  readonly table: string;
  readonly column: string;
  /** Quoted, as a statement names it. */
  readonly name: string;
}

async function sequencesOf(connection: Connection, shapes: readonly Shape[]): Promise<readonly Sequence[]> {
  const found: Sequence[] = [];
  for (const { name: table, columns } of shapes) {
    for (const { name: column } of columns) {
      const { rows } = await connection.query('select pg_get_serial_sequence(quote_ident($1), $2) as name', [
        table,
        column,
      ]);
      if (typeof rows[0]?.name === 'string') found.push({ table, column, name: rows[0].name });
    }
  }
  return found;
}

/** Returns the highest id that each sequence has given. */
export async function lastIdsOf(
  connection: Connection,
  shapes: readonly Shape[],
): Promise<ReadonlyMap<string, number>> {
  const ids = new Map<string, number>();
  for (const { table, name } of await sequencesOf(connection, shapes)) {
    const { rows } = await connection.query(`select last_value, is_called from ${name}`);
    if (rows[0]?.is_called === true) ids.set(table, Number(rows[0].last_value));
  }
  return ids;
}

/** Lets each sequence go on behind the ids that were given, and behind those in its table. */
export async function setLastIds(
  connection: Connection,
  shapes: readonly Shape[],
  lastIds: ReadonlyMap<string, number>,
): Promise<void> {
  for (const { table, column, name } of await sequencesOf(connection, shapes)) {
    const { rows } = await connection.query(`select coalesce(max("${column}"), 0) as id from "${table}"`);
    const last = Math.max(Number(rows[0]?.id), lastIds.get(table) ?? 0);
    await connection.query('select setval($1, $2, $3)', [name, Math.max(last, 1), last > 0]);
  }
}
