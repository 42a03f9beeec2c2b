import type { Command } from '../../commands/command.ts';
import { readLine } from '../../commands/read-line.ts';
import type { Say } from '../../render/speak.ts';
import { type CommandForm, groupName } from './slash-commands.ts';

/** A command begins with it. */
const signs: Readonly<Record<CommandForm, string>> = { top: '/', grouped: `/${groupName} ` };

/**
 * Returns a function that writes commands as they can be typed or pasted on Discord, where every value stands behind the name of its
 * option: `unmute m2` → `/unmute mute:m2`. A usage with its brackets only gets the sign. People and times are left to the format.
 */
export function sayOnDiscord(table: readonly Command[], form: CommandForm): Say {
  const sign = signs[form];
  return (spoken) => (spoken.kind === 'command' ? { kind: 'code', text: sign + typed(spoken.text, table) } : spoken);
}

function typed(text: string, table: readonly Command[]): string {
  const read = isUsage.test(text) ? null : readLine(text, table);
  if (read === null || read.outcome !== 'ok') return text;
  const values = Object.entries(read.values).map(([name, value]) => ` ${name}:${value}`);
  return `${read.command.name}${values.join('')}`;
}

const isUsage = /(?:^|\s)(?:\[|<\p{L})/u;
