import type { Command } from './command.ts';
import { isMisspelt } from './misspelt.ts';

/**
 * Returns true if a line that other bots may be meant by too (`!play song`) begins with the name of a command, or with
 * one that is misspelt in one place: only then it is answered.
 */
export function isForUs(line: string, commands: readonly Pick<Command, 'name'>[]): boolean {
  const [, word = ''] = /^\s*(\p{L}+)/u.exec(line) ?? [];
  const written = word.toLowerCase();
  // Another first letter makes another word: `cute`.
  return commands.some(({ name }) => name === written || (name[0] === written[0] && isMisspelt(written, name)));
}
