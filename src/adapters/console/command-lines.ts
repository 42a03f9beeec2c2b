import type { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { Command } from '../../commands/command.ts';
import type { Answer, Invocation } from '../../commands/invocation.ts';
import type { Message } from '../../render/message.ts';
import { code, messageOf, paragraph, typed } from '../../render/say.ts';
import { excerpt } from '../../text/excerpt.ts';
import { nearest } from '../../text/nearest.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import type { NamedRoom } from '../adapter.ts';
import { commandSign, format, roomHeader } from './format.ts';
import { createLineSplitter } from './line-splitter.ts';

export interface CommandLinesOptions {
  /** The lines that a person types; nothing is read before this is called, and nothing after `stop`. */
  readonly input: Readable | null;
  /** The console rooms by name; the first is meant if a line names none. */
  readonly rooms: readonly string[];
  /** The names of the rooms of all platforms. */
  readonly roomNames: readonly string[];
  readonly table: readonly Pick<Command, 'name'>[];
  /** Returns the room of any platform that a word names; null: none. */
  readonly namedRoom: (word: string) => NamedRoom | null;
  readonly run: (invocation: Invocation) => Promise<Answer | null>;
  readonly write: (text: string) => Promise<void>;
  readonly color: boolean;
  readonly width: number;
  readonly clock: Clock;
}

/** The lines that are read. */
export interface CommandLines {
  /** Reads no more; the last answer has a second. */
  stop(): Promise<void>;
}

/** Number of lines that may wait for their answers; then reading pauses. */
const mostWaiting = 50;

/** Time for the answer to the last line when the process ends, in milliseconds. */
const lastAnswerMs = 1_000;

/** Name of the room of what is typed if the configuration has no console room. */
const noRoom = 'terminal';

/** Interval at which lines that are not commands are answered, ms: another program may write them. */
const hintEveryMs = 10_000;

/**
 * Reads `/command` lines of a terminal and shows the answers, each below the name of its room. `/hq mute for 1h` is for the room hq of the
 * configuration, on any platform, a line without a room's name for the first console room.
 */
export function listenForCommandLines(options: CommandLinesOptions): CommandLines {
  const { input, rooms, namedRoom, write, color, width, clock } = options;
  if (input === null) return { stop: async () => {} };
  const splitter = createLineSplitter();
  let waiting = 0;
  let answered = Promise.resolve();
  let isStopped = false;
  let hintAt = Number.NEGATIVE_INFINITY;

  async function answer(line: string): Promise<void> {
    const written = line.trim().slice(1);
    const misnamed = sayMisnamed(written, options);
    if (misnamed !== null) return show(rooms[0] ?? noRoom, misnamed, commandSign);
    const { name, sign, platform, room, text } = roomOf(written, rooms, namedRoom);
    const said = await options.run({
      key: null,
      ...{ platform, room },
      direct: false,
      // A person at the terminal can change the configuration, too.
      asker: { id: 'console', roles: [], manages: true, power: null },
      said: { kind: 'line', text },
      answered: 'free',
      about: null,
    });
    if (said === null) return;
    await show(name, said.message, sign);
    if (name === noRoom && rooms.length === 0) await hint(howToNameRooms);
  }

  async function show(name: string, message: Message, sign: string): Promise<void> {
    const shown = `${roomHeader(name)}${format(message, width, sign)}\n`;
    await write(color ? shown : stripVTControlCharacters(shown)).catch(() => {});
  }

  /** Shows a hint, at most one in some seconds. */
  async function hint(message: Message): Promise<void> {
    const now = clock.monotonic();
    if (now - hintAt < hintEveryMs) return;
    hintAt = now;
    await show(rooms[0] ?? noRoom, message, commandSign);
  }

  function hear(line: string): void {
    if (line.trim() === '') return;
    if (++waiting >= mostWaiting) input?.pause();
    // One after the other: a second line may build on the first.
    answered = answered
      .then(() => (isStopped ? undefined : line.trimStart().startsWith(commandSign) ? answer(line) : hint(notACommand)))
      .finally(() => {
        if (--waiting < mostWaiting && !isStopped) input?.resume();
      });
  }

  input.on('data', (bytes: Buffer | string) => {
    for (const line of splitter.push(Buffer.from(bytes))) hear(line);
  });
  input.on('end', () => hear(splitter.rest));
  // A terminal that went away, or nohup's standard input, which is open for writing alone (EBADF).
  input.on('error', () => input.pause());
  return {
    async stop() {
      isStopped = true;
      // Paused alone, a pipe that stays open would keep the process.
      input.destroy();
      // An answer that is not read must not delay the end.
      const isAnswered = new AbortController();
      void answered.finally(() => isAnswered.abort());
      await sleep(clock, lastAnswerMs, isAnswered.signal);
    },
  };
}

/** The room of a line, and the line without its name. */
interface LineOfRoom extends NamedRoom {
  /** As an answer shows it. */
  readonly name: string;
  /** The beginning of a further command for this room. */
  readonly sign: string;
  readonly text: string;
}

function roomOf(line: string, rooms: readonly string[], namedRoom: CommandLinesOptions['namedRoom']): LineOfRoom {
  const [, word = '', text = ''] = /^(\S+)\s+(.*)$/s.exec(line) ?? [];
  const found = rooms.find((one) => one === word) ?? rooms.find((one) => one.toLowerCase() === word.toLowerCase());
  const inConsole: NamedRoom | null = found === undefined ? null : { platform: 'console', room: found };
  const named = word === '' ? null : (inConsole ?? namedRoom(word));
  if (named !== null) return { ...named, name: word, sign: signOfRoom(word, null), text };
  const name = rooms[0] ?? noRoom;
  return { platform: 'console', room: name, name, sign: commandSign, text: line };
}

/**
 * Says what is meant by a line whose first word is not a command: a room without a command, or no room in front of one. Null:
 * the line is a command or for a room.
 */
function sayMisnamed(
  line: string,
  { rooms, roomNames, namedRoom, table }: Pick<CommandLinesOptions, 'rooms' | 'roomNames' | 'namedRoom' | 'table'>,
): Message | null {
  const [word = '', second, ...more] = line.split(/\s+/);
  const isCommand = (text: string) => table.some(({ name }) => name === text.toLowerCase());
  if (word === '' || isCommand(word)) return null;
  const isRoom = namedRoom(word) !== null || rooms.some((one) => one.toLowerCase() === word.toLowerCase());
  if (isRoom)
    return second === undefined ? messageOf([paragraph(`${word} is a room: `, typed(`${word} help`), '.')]) : null;
  if (second === undefined || !isCommand(second)) return null;
  const meant = nearest(word, [...rooms, ...roomNames]);
  if (meant === null) return null;
  const right = typed([meant, second, ...more].join(' '));
  return messageOf([paragraph(`There is no room or command ${excerpt(word, 40)}: did you mean `, right, '?')]);
}

/** Returns the sign of a command for a room: the room's name belongs to it, unless the room is the one that is meant without a name. */
export function signOfRoom(room: string, first: string | null): string {
  return room === first ? commandSign : `${commandSign}${room} `;
}

const notACommand = messageOf([paragraph('A command begins with a slash: try ', typed('help'), '.')]);

const howToNameRooms = messageOf([
  paragraph(
    'The configuration has no room on this terminal. For one of the others, write its name first, as in ',
    typed('hq status'),
    '. To have messages here, name ',
    code('console:here'),
    ' under ',
    code('rooms:'),
    ' of a subscription.',
  ),
]);
