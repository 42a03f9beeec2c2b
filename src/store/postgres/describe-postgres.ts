import type { Json } from '../../words.ts';
import { queries } from '../describe-store.ts';
import { describeAddress, type PostgresAddress } from './address.ts';
import { connect } from './connection.ts';

/** The parts that only this store has. */
const own = {
  version: 'select version()',
  leases: 'select unit, holder, epoch, ends_at, clock_timestamp() as now from leases',
  processes: 'select name, version, schema, config, config_at, seen_at from processes',
  connections:
    "select application_name, state, count(*) from pg_stat_activity where application_name like 'lookout %' group by 1, 2",
} as const;

/** Describes a database for a bug report, as far as it can be read. Changes and migrates nothing. Never throws. */
export async function describePostgres(address: PostgresAddress): Promise<Json> {
  const place = describeAddress(address);
  try {
    const connection = await connect(address, 'doctor');
    const parts: [string, Json][] = [];
    for (const [name, query] of Object.entries({ ...own, ...queries }))
      parts.push([
        name,
        await connection.query(query).then(
          ({ rows }) => JSON.parse(JSON.stringify(rows)) as Json,
          (error: unknown) => ({ problem: textOf(error) }),
        ),
      ]);
    await connection.end();
    return { place, ...Object.fromEntries(parts) };
  } catch (error) {
    return { place, problem: textOf(error) };
  }
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
