import type { Block } from '../render/message.ts';
import { paragraph } from '../render/say.ts';
import { shownLine } from '../text/shown.ts';
import { offer } from './command.ts';
import type { Offer } from './invocation.ts';

/** A command with its options, as a line that is read as exactly these; those that are null are left out. */
export function lineOf(command: string, options: Readonly<Record<string, string | null>>): string {
  const named = Object.entries(options).map(([name, value]) => (value === null ? '' : ` --${name} ${quoted(value)}`));
  return `${command}${named.join('')}`;
}

/** A text as one word of a line. */
function quoted(text: string): string {
  if (/^[\w#;,/]+$/.test(text)) return text;
  return text.includes("'") ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : `'${text}'`;
}

export interface Again {
  readonly offers: readonly Offer[];
  readonly say: readonly Block[];
}

/** Names the lines to paste for what was ended, and offers a button if it is one line that a button can hold. */
export function again(label: string, lines: readonly string[]): Again {
  const [only, ...more] = lines;
  return {
    offers: only !== undefined && more.length === 0 ? offer(label, only) : [],
    say: lines.filter(isShownAsItIs).map((text) => paragraph('To have it again: ', { kind: 'command', text })),
  };
}

/** Returns true if a line has nothing that a message replaces, as a line break. */
const isShownAsItIs = (line: string) => shownLine(line) === line;
