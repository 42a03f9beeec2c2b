import type { Command } from '../../src/commands/command.ts';
import { usage } from '../../src/commands/read-line.ts';
import { createTable, type TableParts } from '../../src/commands/table.ts';

/** The README's table of commands, made from the table that they run from. */
export function commandsPage(): string {
  const parts: Record<keyof TableParts, object> = { subscriptions: {}, mutes: {}, status: {}, preview: {}, why: {} };
  const rows = createTable(parts as unknown as TableParts).map(row);
  return ['| command | does | who | for example |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function row(command: Command): string {
  const who = command.who === 'everyone' ? 'everyone' : 'who may change the room';
  const cells = [code(usage(command)), command.description, who, command.examples.map(code).join('<br>')];
  return `| ${cells.join(' | ')} |`;
}

const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``;
