import type { Command } from '../../src/commands/command.ts';
import { usage } from '../../src/commands/read-line.ts';
import { commandTable } from '../support/command-table.ts';

/** The table of commands in `docs/commands.md`, made from the table that they run from. */
export function commandsPage(): string {
  const rows = commandTable().map(row);
  return ['| command | does | who | for example |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function row(command: Command): string {
  const who = command.who === 'everyone' ? 'everyone' : 'who may change the room';
  const cells = [code(usage(command)), command.description, who, command.examples.map(code).join('<br>')];
  return `| ${cells.join(' | ')} |`;
}

const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``;
