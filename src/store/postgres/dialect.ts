import { type DataTypeNode, type Dialect, PostgresDialect, PostgresQueryCompiler } from 'kysely';
import { type DriverOptions, postgresDriver } from './driver.ts';

/** Returns Kysely's PostgreSQL dialect over our driver. */
export function postgresDialect(options: DriverOptions): Dialect {
  const dialect = new PostgresDialect({ pool: async () => Promise.reject(new Error('our driver has no pool')) });
  return {
    createAdapter: () => dialect.createAdapter(),
    createDriver: () => postgresDriver(options),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => new Compiler(),
  };
}

/**
 * Makes columns as they are in SQLite. Every whole number has 8 bytes: ids grow, and times are Unix milliseconds. Texts are
 * compared by their bytes and not as the language of the server orders words, in which `:` and `/` count for nothing.
 */
class Compiler extends PostgresQueryCompiler {
  protected override visitDataType(node: DataTypeNode): void {
    if (node.dataType === 'integer') this.append('bigint');
    else if (node.dataType === 'serial') this.append('bigserial');
    else if (node.dataType === 'text' && this.parentNode?.kind === 'ColumnDefinitionNode')
      this.append('text collate "C"');
    else super.visitDataType(node);
  }
}
