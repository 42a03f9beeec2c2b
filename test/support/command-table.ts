import type { Command } from '../../src/commands/command.ts';
import { createTable, type TableParts } from '../../src/commands/table.ts';

/** The table of commands to be looked at: none of it can be run. */
export function commandTable(): readonly Command[] {
  const parts: Record<keyof TableParts, object> = { subscriptions: {}, mutes: {}, status: {}, preview: {}, why: {} };
  return createTable(parts as unknown as TableParts);
}
