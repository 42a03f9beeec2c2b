import { clean } from '../postgres/connection.ts';
import type { Row } from './side.ts';

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Returns rows in the text format of COPY, without a NUL.
 * https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
export function copyText(rows: readonly Row[]): string {
  return rows.map((row) => `${row.map(field).join('\t')}\n`).join('');
}

function field(value: string | number | null): string {
  if (value === null) return '\\N';
  if (typeof value === 'number') return String(value);
  return clean(value).replaceAll(/[\\\n\r\t]/g, (one) => escapes[one]!);
}
