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

it('says when the processes have different configurations, and when they are the same again', async () => {
  let other = 'older';
  const connection = {
    async query(text: string) {
      const process = (name: string, config: string) => ({
        id: name,
        name,
        version: '1',
        schema: '',
        config,
        configAt: 1,
      });
      return { rows: text.includes('from processes') ? [process('a', 'newer'), process('b', other)] : [] };
    },
  } as unknown as Connection;
  const said: string[] = [];
  const log = { ...silentLog, ...Object.fromEntries(['info', 'warn'].map((level) => [level, say])) };
  function say(_: object, text: string): void {
    said.push(text);
  }
  const held = new Map([['leader', { since: 0 }]]);
  const config = read(good).config!;
  const fleet = new FleetWatch({ id: 'a', version: '1', config: () => config, units: () => ['leader'], log });
  for (let look = 0; look < 2; look++) await fleet.look(connection, held);
  other = 'newer';
  for (let look = 0; look < 2; look++) await fleet.look(connection, held);
  expect(said).toEqual([
    expect.stringContaining('the processes have different configurations: '),
    'all processes have the same configuration again',
  ]);
});
