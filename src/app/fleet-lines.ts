import type { Fleet, LiveProcess } from '../store/postgres/process-rows.ts';
import { everythingUnit } from '../store/postgres/unit-names.ts';

/** Returns a line for each unit: which process has it. If a command has all of them, one line. Pure. */
export function fleetLines(units: readonly string[], { leases }: Fleet): readonly string[] {
  const held = new Map(leases.flatMap(({ unit, holder, freeForMs }) => (freeForMs === null ? [[unit, holder]] : [])));
  const ofAll = held.get(everythingUnit);
  if (ofAll !== undefined) return [`everything: ${ofAll} (a command such as \`lookout migrate\`)`];
  const others = [...held.keys()].filter((unit) => !units.includes(unit));
  return [...units, ...others].map((unit) => {
    const holder = held.get(unit);
    return holder === undefined ? `${unit}: no process has it` : `${unit}: ${holder}`;
  });
}

/** Says which processes have which configuration, the newest last; null: all have the same. Pure. */
export function configurationsLine(processes: readonly LiveProcess[]): string | null {
  const groups = [...Map.groupBy(processes, ({ config }) => config).values()];
  if (groups.length < 2) return null;
  const sorted = groups.toSorted((a, b) => (a[0]?.configAt ?? 0) - (b[0]?.configAt ?? 0));
  const texts = sorted.map(
    (group, index) =>
      `${group.map(({ name }) => name).join(', ')}: ${index === sorted.length - 1 ? 'the newest' : 'an older one'} (${group[0]?.config})`,
  );
  return `the processes have different configurations: ${texts.join('; ')}`;
}
