import type { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { Answer, Invocation } from '../../commands/invocation.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import { format } from './format.ts';
import { createLineSplitter } from './line-splitter.ts';

export interface CommandLinesOptions {
  /** The lines that a person types; nothing is read before this is called, and nothing after `stop`. */
  readonly input: Readable | null;
  /** The console rooms by name; the first is meant where a line names none. */
  readonly rooms: readonly string[];
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

/**
 * Reads `/command` lines of a terminal and shows the answers. `/hq mute for 1h` is for the console room hq, a line without
 * a room's name for the first. Lines that do not begin with a slash are ignored.
 */
export function listenForCommandLines(options: CommandLinesOptions): CommandLines {
  const { input, rooms, write, color, width, clock } = options;
  const [first] = rooms;
  if (first === undefined || input === null) return { stop: async () => {} };
  const splitter = createLineSplitter();
  let waiting = 0;
  let answered = Promise.resolve();
  let isStopped = false;

  async function answer(line: string): Promise<void> {
    const text = line.replace(/^\s*\//, '');
    const named = /^(\S+)\s+(.*)$/s.exec(text);
    const inRoom = named !== null && rooms.includes(named[1]!);
    const said = await options.run({
      key: null,
      platform: 'console',
      room: inRoom ? named[1]! : first!,
      direct: false,
      // A person at the terminal can change the configuration, too.
      asker: { id: 'console', roles: [], manages: true, power: null },
      said: { kind: 'line', text: inRoom ? named[2]! : text },
      answered: 'free',
      about: null,
    });
    if (said === null) return;
    const shown = format(said.message, width);
    await write(color ? shown : stripVTControlCharacters(shown)).catch(() => {});
  }

  function hear(line: string): void {
    if (!line.trimStart().startsWith('/')) return;
    if (++waiting >= mostWaiting) input?.pause();
    // One after the other: a second line may build on the first.
    answered = answered
      .then(() => (isStopped ? undefined : answer(line)))
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
