import type { Inline } from '../render/message.ts';
import { typed } from '../render/say.ts';
import { excerpt } from '../text/excerpt.ts';
import { nearest } from '../text/nearest.ts';
import type { Command, CommandOption, Values } from './command.ts';
import { behindMark, readWords, type Word } from './read-words.ts';
import { type StrayOption, strayOption } from './stray-option.ts';
import { parseUntil } from './time-phrase.ts';

/** Length limit of a line, in UTF-16 units. No person writes a longer command by hand. */
const longestLine = 4_000;

export type ReadLine =
  | { readonly outcome: 'ok'; readonly command: Command; readonly values: Values }
  | {
      readonly outcome: 'problem';
      /** The command whose usage helps; null if no command was found. */
      readonly command: Command | null;
      /** Where in the line, in UTF-16 units. */
      readonly offset: number;
      readonly wrong: string;
      readonly right: Phrase;
    };

/** A part of a sentence, which may name commands. */
type Phrase = readonly (string | Inline)[];

/** Reads what stands behind the prefix: a command's name and what it is given. Pure and total. */
export function readLine(line: string, commands: readonly Command[]): ReadLine {
  const problem = (command: Command | null, offset: number, wrong: string, right: string | Phrase): ReadLine => ({
    outcome: 'problem',
    command,
    offset,
    wrong,
    right: typeof right === 'string' ? [right] : right,
  });
  if (line.length > longestLine)
    return problem(null, 0, `the line is ${line.length} characters long`, `at most ${longestLine}`);
  const name = /^\s*(\S+)/.exec(line)?.[1] ?? '';
  if (name === '') return problem(null, 0, 'a command is missing', [typed('help'), ' lists them']);
  const nameAt = line.indexOf(name);
  const command = commands.find((each) => each.name === name.toLowerCase());
  if (command === undefined) {
    const names = commands.map((each) => each.name);
    const meant = nearest(name.toLowerCase(), names);
    return problem(
      null,
      nameAt,
      `there is no command "${excerpt(name, 40)}"`,
      meant === null ? ['commands are ', ...listed(names)] : ['did you mean ', typed(meant), '?'],
    );
  }
  const behind = nameAt + name.length;
  const read = readWords(line.slice(behind));
  if (read.outcome === 'problem') return problem(command, behind + read.offset, read.wrong, read.right);
  const words = read.words.map((word) => ({ ...word, start: word.start + behind, end: word.end + behind }));

  for (const word of words) {
    const almost = almostFlagOf(word);
    if (almost === null) continue;
    const right = `${remedyOf(almost, command)}, or put it in quotes`;
    return problem(command, word.start, `"${excerpt(word.text, 40)}" is not an option`, right);
  }

  const values: Record<string, string> = {};
  /** The words of a text, which may have a time at their end. */
  let reason: readonly Word[] = [];
  const waiting = command.options.filter((option) => option.place !== 'named');
  for (let at = 0; at < words.length; ) {
    const word = words[at]!;
    const flag = flagOf(word);
    if (flag !== null) {
      const option = command.options.find((each) => each.name === flag);
      if (option === undefined) {
        const meant = nearest(
          flag,
          command.options.map((each) => each.name),
        );
        return problem(
          command,
          word.start,
          `There is no option --${excerpt(flag, 40)}${meant === null ? '.' : ''}`,
          meant === null ? takenBy(command) : `did you mean --${meant}?`,
        );
      }
      if (values[option.name] !== undefined)
        return problem(command, word.start, `--${option.name} is given twice`, 'give it once');
      const until = endOf(words, at + 1, option, command);
      const stray = strayIn(words.slice(at + 1, until), option, command);
      if (stray !== null) return problem(command, words[at + 1 + stray.index]!.start, stray.wrong, stray.right);
      const value = textOf(line, words.slice(at + 1, until), option);
      if (option.type === 'text') reason = words.slice(at + 1, until);
      if (value === '')
        return problem(command, word.end, `--${option.name} has no value`, `write it behind --${option.name}`);
      values[option.name] = value;
      at = until;
      continue;
    }
    const option = waiting.find((each) => values[each.name] === undefined && takes(each, word));
    if (option === undefined) {
      const meant = meantBy(line, words, at, command);
      if (meant !== null) return problem(command, word.start, meant.wrong, meant.right);
      return problem(null, word.start, `"${excerpt(word.text, 40)}" is too much`, [typed(usage(command))]);
    }
    const until = endOf(words, at, option, command);
    const stray = strayIn(words.slice(at, until), option, command);
    if (stray !== null) return problem(command, words[at + stray.index]!.start, stray.wrong, stray.right);
    const value = words.slice(at, until);
    values[option.name] = option.type === 'time' ? lineOf(line, value) : textOf(line, value, option);
    at = until;
  }
  const missing = command.options.find((option) => option.required && values[option.name] === undefined);
  if (missing !== undefined) return problem(command, line.length, `<${missing.name}> is missing`, missing.description);
  const time = command.options.find(({ type }) => type === 'time');
  const timeAt = time === undefined || values[time.name] !== undefined ? null : timeAtEnd(reason);
  if (timeAt !== null) {
    const [before, behind] = [lineOf(line, reason.slice(0, timeAt)), lineOf(line, reason.slice(timeAt))];
    const head = [command.name, values.events ?? ''].join(' ').trim();
    return problem(command, reason[timeAt]!.start, `"${excerpt(behind, 40)}" may be the time`, [
      ...['write it before the reason, ', typed(`${head} ${behind} --reason ${before}`)],
      ...[', or the reason in quotes, ', typed(`${head} --reason "${before} ${behind}"`)],
    ]);
  }
  return { outcome: 'ok', command, values };
}

/** Returns which word of a reason begins a time that goes on to its end; null if it ends in none. */
function timeAtEnd(words: readonly Word[]): number | null {
  for (let at = Math.max(1, words.length - 8); at < words.length; at++) {
    const text = words.slice(at).map((word) => word.text);
    if (isTime(text.join(' '))) return at;
  }
  return null;
}

/** Returns true if a text is a time, whatever the clock shows. */
const isTime = (text: string) => parseUntil(text, 0, 'UTC').outcome === 'until';

/** Commands, with commas between them. */
export const listed = (names: readonly string[]): Phrase =>
  names.flatMap((name, index) => (index === 0 ? [typed(name)] : [', ', typed(name)]));

/** `mute for 2h` names no events: where they may be left out, a word that begins a time is none. */
function takes(option: CommandOption, word: Word): boolean {
  return option.type !== 'events' || option.required || !beginsTime.test(word.text);
}

const beginsTime = /^(?:for|until|till|in|next|today|tonight|tomorrow|noon|midnight|\w+day|-?\d.*)$/i;

/** Returns the name after `--`, in lower case; null if the word has none. */
function flagOf(word: Word): string | null {
  return word.isQuoted ? null : behindMark(word.text);
}

/** Returns the name in a word that begins with a single dash, in lower case: `-where`; null if there is none. */
function almostFlagOf(word: Word): string | null {
  const name = word.isQuoted || flagOf(word) !== null ? null : /^[\p{Pd}−]+([\p{L}_-]+)[:=]?$/u.exec(word.text)?.[1];
  return name?.toLowerCase() ?? null;
}

function remedyOf(written: string, command: Command): string {
  const name = command.options.find((option) => option.name === written)?.name;
  return name === undefined ? optionsOf(command) : `write --${name}`;
}

const optionsOf = ({ name, options }: Command) =>
  options.length === 0 ? `${name} takes none` : options.map((each) => `--${each.name}`).join(', ');

/** Says in a sentence what a command takes. */
function takenBy({ name, options }: Command): string {
  if (options.length === 0) return `${name} takes none.`;
  if (options.some(({ place }) => place === 'named'))
    return `Options: ${options.map((each) => `--${each.name}`).join(', ')}.`;
  return `${name} takes ${options.map(({ description }) => `${description[0]?.toLowerCase()}${description.slice(1)}`).join('; ')}.`;
}

/**
 * Says what a word behind the last place may mean: an option without its dashes, or further events without a comma. Null: it
 * is too much.
 */
function meantBy(
  line: string,
  words: readonly Word[],
  at: number,
  command: Command,
): { wrong: string; right: Phrase } | null {
  const text = words[at]?.text ?? '';
  const option = command.options.find(({ name, place }) => place === 'named' && name === text.toLowerCase());
  if (option !== undefined) return { wrong: `"${text}" may be an option`, right: [`write --${option.name}`] };
  if (!command.options.some(({ type, required }) => type === 'events' && required)) return null;
  const behind = words.slice(at);
  const end = behind.findIndex((word) => flagOf(word) !== null || !mayBeEvents.test(word.text));
  const more = (end < 0 ? behind : behind.slice(0, end)).filter(({ text: one }) => !/^(?:and|&|\+)$/i.test(one));
  const first = words[0];
  if (more.length === 0 || first === undefined || flagOf(first) !== null) return null;
  const before = line.slice(first.start, words[at - 1]?.end).replace(/[,;]$/, '');
  const events = [before, ...more.map((word) => word.text.replace(/,$/, ''))].join(', ');
  return { wrong: 'Several events need a comma', right: [typed(`${command.name} ${events}`)] };
}

const mayBeEvents = /^(?:[a-z_]+(?:#[a-z_,]+)?,?|&|\+)$/i;

/** Returns a word of a time or a reason that may be meant as an option; null if there is none. */
function strayIn(words: readonly Word[], option: CommandOption, { options }: Command): StrayOption | null {
  const isFree = option.type === 'time' || option.type === 'text';
  if (!isFree || (words.length === 1 && words[0]?.isQuoted === true)) return null;
  // What stands in quotes behind a time is a reason.
  const isReason = ({ isQuoted }: Word) => option.type === 'time' && isQuoted;
  return strayOption(
    words.map((word) => (isReason(word) ? '' : word.text)),
    options,
  );
}

/** Conditions, times and reasons have blanks in them, and people do not quote. */
function endOf(words: readonly Word[], from: number, option: CommandOption, { options }: Command): number {
  if (option.type === 'events') return endOfEvents(words, from);
  const hasBlanks = option.place === 'rest' || option.type === 'where' || option.type === 'text';
  if (!hasBlanks || words[from]?.isQuoted === true) return Math.min(from + 1, words.length);
  const isBeforeTime = option.type === 'where' && options.some(({ type }) => type === 'time');
  const end = words.findIndex(
    (word, index) =>
      index >= from && (flagOf(word) !== null || (isBeforeTime && index > from && isTimeBehind(words, from, index))),
  );
  return end < 0 ? words.length : end;
}

/** Events are one word, or several with a comma or semicolon between: `posts, feedbacks`. */
function endOfEvents(words: readonly Word[], from: number): number {
  let end = Math.min(from + 1, words.length);
  const goesOn = () => /[,;]$/.test(words[end - 1]?.text ?? '') || /^[,;]/.test(words[end]?.text ?? '');
  while (end < words.length && words[end - 1]?.isQuoted === false && flagOf(words[end]!) === null && goesOn()) end++;
  return end;
}

const timeWord = /^(?:for|until|till)$/i;
const beginsPhrase = /^(?:\d|an?$|half$|one$|two$|three$|noon|midnight|today|tonight|tomorrow|next$|\w+day$)/i;

/** `object.is_naa for 2 days`: returns true if a time begins at a word behind a condition, and not in a text of the condition. */
function isTimeBehind(words: readonly Word[], from: number, index: number): boolean {
  const next = words[index + 1];
  if (!timeWord.test(words[index]!.text) || next === undefined || !beginsPhrase.test(next.text)) return false;
  const before = words.slice(from, index).filter(({ isQuoted }) => !isQuoted);
  return !isInText(before.map(({ text }) => text).join(' '));
}

/** Returns true if a text in quotes is open at the end of a condition. */
function isInText(condition: string): boolean {
  let open: string | null = null;
  for (const character of condition)
    if (open === character) open = null;
    else if (open === null && (character === '"' || character === "'")) open = character;
  return open !== null;
}

/** One quoted word is what it holds; anything else is taken as it stands in the line, quotes included: a condition has some. */
function textOf(line: string, words: readonly Word[], option: CommandOption): string {
  const [first] = words;
  const last = words.at(-1);
  if (first === undefined || last === undefined) return '';
  if (words.length === 1 && (first.isQuoted || option.type !== 'where')) return first.text.trim();
  const text = lineOf(line, words);
  return option.type === 'where' ? withPlainQuotes(text) : text;
}

/** The words as they stand in the line, quotes included. */
const lineOf = (line: string, words: readonly Word[]) => line.slice(words[0]?.start ?? 0, words.at(-1)?.end ?? 0);

/** Replaces the quotes of a condition that was typed on a phone; one that has plain quotes means its others as they are. */
function withPlainQuotes(condition: string): string {
  if (/['"]/.test(condition)) return condition;
  return condition.replaceAll(/[“”„]/g, '"').replaceAll(/[‘’‚]/g, "'");
}

/** `mute [events] [--where <condition>] …` */
export function usage(command: Command): string {
  const parts = command.options.map((option) => {
    if (option.place === 'named') return `[--${option.name} <${option.name}>]`;
    return option.required ? `<${option.name}>` : `[${option.name}]`;
  });
  return [command.name, ...parts].join(' ');
}
