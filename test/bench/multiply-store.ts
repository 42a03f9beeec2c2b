import { DatabaseSync } from 'node:sqlite';

/** Tables with fewer rows stay as they are: rooms, sources, the clock. */
const FEWEST_ROWS = 50;

/**
 * Adds copies of the rows of a store of Lookout until it has so many events. Each copy has ids and names of its own, so that the
 * references between the tables and everything that is unique hold.
 */
export function multiplyStore(file: string, events: number): void {
  const database = new DatabaseSync(file);
  // A crash loses the whole file, which is made anew.
  database.exec(
    'pragma journal_mode = delete; pragma journal_mode = off; pragma synchronous = off; pragma foreign_keys = off',
  );
  const rows = (sql: string) => database.prepare(sql).all();
  // To make them for all rows at once takes a fraction of the time.
  const indexes = rows("select name, sql from sqlite_master where type = 'index' and sql is not null");
  const only = (sql: string) => Number(Object.values(rows(sql)[0] ?? {})[0]);
  for (const { name } of indexes) database.exec(`drop index "${String(name)}"`);
  const copies = Math.ceil(events / only('select count(*) from events')) - 1;
  const tables = rows("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
    .map(({ name }) => String(name))
    .filter((name) => only(`select count(*) from "${name}"`) >= FEWEST_ROWS);
  const offsets = new Map(
    tables
      .filter(
        (name) =>
          rows(`select 1 from pragma_table_info('${name}') where name = 'id' and lower(type) = 'integer'`).length > 0,
      )
      .map((name) => [name, only(`select max(id) from "${name}"`)]),
  );
  for (const table of tables) {
    const columns = rows(`select name, lower(type) as type from pragma_table_info('${table}')`);
    const references = new Map(
      rows(`select "from" as name, "table" as target from pragma_foreign_key_list('${table}')`).map(
        ({ name, target }) => [String(name), offsets.get(String(target)) ?? 0],
      ),
    );
    const unique = new Set(
      rows(`select c.name from pragma_index_list('${table}') i, pragma_index_info(i.name) c where i."unique" = 1`).map(
        ({ name }) => String(name),
      ),
    );
    const values = columns.map(({ name, type }) => {
      const column = String(name);
      const offset = column === 'id' ? offsets.get(table) : references.get(column);
      if (offset !== undefined) return `"${column}" + ${offset} * i`;
      return unique.has(column) && type === 'text' ? `"${column}" || '~' || i` : `"${column}"`;
    });
    database.exec(`create temp table copied as select * from "${table}"`);
    database.exec(
      `with recursive copies (i) as (select 1 union all select i + 1 from copies where i < ${copies})
       insert into "${table}" select ${values.join(', ')} from copies cross join copied`,
    );
    database.exec('drop table copied');
  }
  for (const { sql } of indexes) database.exec(String(sql));
  database.exec('pragma journal_mode = wal');
  database.close();
}
