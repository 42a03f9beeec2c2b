import type { Command } from 'commander';
import { endLines, roomLines, sourceLines } from '../commands/status.ts';
import type { WholeStatus } from '../control/status.ts';
import type { Block } from '../render/message.ts';
import { paragraph } from '../render/say.ts';
import { roomText } from '../rooms/named-room.ts';
import { printedJson } from '../text/printed.ts';
import { systemClock } from '../time/clock.ts';
import { type CommandLine, configOption, jsonOption, withStore } from './command-line.ts';
import { blocksText } from './message-text.ts';
import type { NamedStore } from './named-store.ts';
import { shellFormFor } from './shell-form.ts';
import type { ExitCode, Terminal } from './terminal.ts';
import { withRunning } from './with-running.ts';

/** Adds `lookout status`. */
export function addStatus(program: Command, line: CommandLine): void {
  const { terminal } = line;
  program
    .command('status')
    .description('say how the running Lookout is: source, last event, and the backlog and mutes of each room')
    .argument('[room]', 'only this room: its name in the configuration, or its address')
    .option('--room <room>', 'the same')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (word: string | undefined, options: { config?: string; json?: boolean; room?: string }) => {
      const { config, json = false, room = word ?? null } = options;
      line.end(await withStore(line, config, (named) => statusCommand(named, { room, json }, terminal)));
    });
}

export interface StatusOptions {
  /** The name or address of a room; null: all rooms. */
  readonly room: string | null;
  readonly json: boolean;
}

/** Runs `lookout status`: prints what the running Lookout says of itself and of its rooms. */
export async function statusCommand(
  named: NamedStore,
  { room, json }: StatusOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const question = { method: 'GET', path: '/status', ...(room !== null && { query: { room } }) } as const;
  return withRunning(named, question, terminal, (answer) => {
    terminal.out(json ? printedJson(answer) : statusText(answer as unknown as WholeStatus, systemClock.wall()));
    return 0;
  });
}

/** Returns the status as lines: of Lookout as a whole, then of each room. `now`: Unix milliseconds. */
function statusText(status: WholeStatus, now: number): string {
  const [only] = status.rooms;
  const timeZone = status.rooms.length === 1 && only !== undefined ? only.timeZone : 'UTC';
  const whole = [...sourceLines(status, now), ...endLines(status, timeZone)];
  const rooms = status.rooms.map((room) => {
    const lines = blocksText(blocksOf(roomLines(room)), shellFormFor(room.name));
    return `\n${roomText(room)}\n${lines.replaceAll(/^(?=.)/gm, '  ')}`;
  });
  return `${blocksText(blocksOf(whole), (command) => command)}${rooms.join('')}`;
}

const blocksOf = (lines: ReturnType<typeof endLines>): readonly Block[] => lines.map((parts) => paragraph(...parts));
