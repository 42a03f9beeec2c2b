import type { Command } from '../../src/commands/command.ts';
import { createTable, type TableParts } from '../../src/commands/table.ts';

/** Parts with any name, none of which can be used. */
const noParts = new Proxy({}, { get: () => ({}) }) as TableParts;

/** Returns the table of commands for inspection; its commands cannot be run. */
export function commandTable(): readonly Command[] {
  return createTable(noParts);
}
