import type { Block } from '../render/message.ts';
import { lines, paragraph, typed } from '../render/say.ts';
import { excerpt } from '../text/excerpt.ts';
import type { Command, Values } from './command.ts';
import type { Said } from './invocation.ts';
import { type ReadLine, readLine, usage } from './read-line.ts';

type Problem = Extract<ReadLine, { outcome: 'problem' }>;

export type ReadSaid =
  | { readonly outcome: 'ok'; readonly command: Command; readonly values: Values }
  /** `say` shows the mistake and the usage of the command. */
  | { readonly outcome: 'problem'; readonly say: readonly Block[] };

/** Reads a command as a line or as the fields of a form. Pure and total. */
export function readSaid(said: Said, table: readonly Command[]): ReadSaid {
  const read = said.kind === 'line' ? readLine(said.text, table) : readOptions(said.command, said.options, table);
  if (read.outcome === 'ok') return read;
  return { outcome: 'problem', say: explain(read, said.kind === 'line' ? said.text : null) };
}

/** Reads the fields that a front gives; its list of commands may be older than this process. */
function readOptions(name: string, given: Values, table: readonly Command[]): ReadLine {
  const command = table.find((each) => each.name === name);
  if (command === undefined)
    return {
      outcome: 'problem',
      command: null,
      offset: 0,
      wrong: `there is no command "${excerpt(name, 40)}" any more`,
      right: [typed('help'), ' lists those that there are'],
    };
  const unknown = Object.keys(given).find((each) => !command.options.some((option) => option.name === each));
  if (unknown !== undefined) {
    const right = 'nothing was changed; reload the chat, and write the command again';
    return {
      outcome: 'problem',
      command,
      offset: 0,
      wrong: `${name} has no option "${excerpt(unknown, 40)}" any more`,
      right: [right],
    };
  }
  const values = Object.fromEntries(
    command.options.flatMap((option) => {
      const value = given[option.name]?.trim();
      return value === undefined || value === '' ? [] : [[option.name, value] as const];
    }),
  );
  const missing = command.options.find((option) => option.required && values[option.name] === undefined);
  if (missing === undefined) return { outcome: 'ok', command, values };
  return { outcome: 'problem', command, offset: 0, wrong: `${missing.name} is missing`, right: [missing.description] };
}

/** The mistake in words, where it stands, and how the command is used. */
function explain({ command, wrong, right, offset }: Problem, line: string | null): readonly Block[] {
  const says = paragraph(wrong, wrong.endsWith('.') ? ' ' : ': ', ...right);
  const help = command === null ? [] : [paragraph('Usage: ', typed(usage(command)))];
  if (line === null || offset === 0) return [says, ...help];
  const from = Math.max(0, offset - 60);
  const shownPart = line.slice(from, offset + 40).replaceAll(/\s/g, ' ');
  const mark = ' '.repeat([...line.slice(from, offset)].length);
  return [says, lines(`${shownPart}\n${mark}^`), ...help];
}
