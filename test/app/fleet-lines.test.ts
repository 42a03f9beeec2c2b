import { expect, it } from 'vitest';
import { configurationsLine, fleetLines } from '../../src/app/fleet-lines.ts';

const live = (name: string, config: string, configAt: number) => ({
  ...{ id: name, name, config, configAt },
  version: '1',
  schema: '1',
});
const lease = (unit: string, holder: string, freeForMs: number | null = null) => ({
  ...{ unit, holder, freeForMs },
  owner: holder,
  facts: null,
});

it('each unit is listed with its process, also one that only another configuration has', () => {
  const leases = [lease('leader', 'a:1'), lease('account:discord', 'b:2', 500), lease('account:old', 'b:2')];
  expect(fleetLines(['leader', 'account:discord'], { schema: null, processes: [], leases })).toEqual([
    'leader: a:1',
    'account:discord: no process has it',
    'account:old: b:2',
  ]);
});

it('a command that has all units is named alone', () => {
  const leases = [lease('leader', 'a:1', 500), lease('lookout', 'vm:28869')];
  expect(fleetLines(['leader', 'account:discord'], { schema: null, processes: [], leases })).toEqual([
    'everything: vm:28869 (a command such as `lookout migrate`)',
  ]);
});

it('the processes are told apart by their configurations, the newest last', () => {
  expect(configurationsLine([live('a:1', 'x', 5), live('b:2', 'x', 5)])).toBeNull();
  expect(configurationsLine([live('a:1', 'new', 9), live('b:2', 'old', 5), live('c:3', 'old', 5)])).toBe(
    'the processes have different configurations: b:2, c:3: an older one (old); a:1: the newest (new)',
  );
});
