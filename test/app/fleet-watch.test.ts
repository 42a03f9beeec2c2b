import { expect, it } from 'vitest';
import { FleetWatch } from '../../src/app/fleet-watch.ts';
import type { Config } from '../../src/config/config.ts';
import { silentLog } from '../../src/log.ts';
import type { Connection } from '../../src/store/postgres/connection.ts';
import { good, read } from '../config/config-files.ts';

it('reads a configuration once to compare it with those of other processes, however often it looks', async () => {
  let reads = 0;
  const counted = (): Config => ({
    ...read(good).config!,
    get subscriptions() {
      reads++;
      return [];
    },
  });
  let config = counted();
  const told: unknown[] = [];
  const connection = {
    async query(text: string, values: readonly unknown[] = []) {
      if (text.startsWith('insert into processes')) told.push(values.at(-1));
      return { rows: [] };
    },
  } as unknown as Connection;
  const fleet = new FleetWatch({ id: 'a', version: '1', config: () => config, units: () => [], log: silentLog });
  for (let look = 0; look < 3; look++) await fleet.look(connection, new Map());
  expect(reads).toBe(1);
  config = { ...counted(), greets: !config.greets };
  for (let look = 0; look < 3; look++) await fleet.look(connection, new Map());
  expect(new Set(told).size).toBe(2);
});
