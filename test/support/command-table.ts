import type { Command } from '../../src/commands/command.ts';
import { createTable, type TableParts } from '../../src/commands/table.ts';

/** Parts of any name, of which none can be used. */
const noParts = new Proxy({}, { get: () => ({}) }) as TableParts;

/** The table of commands to be looked at: none of it can be run. */
export function commandTable(): readonly Command[] {
  return createTable(noParts);
}
