import type { Command } from 'commander';
import type { ShellAnswer } from '../control/room-command.ts';
import type { Message } from '../render/message.ts';
import { type HeldMute, listHeldMutes } from '../rooms/held-mutes.ts';
import { findNamedRoom, roomText } from '../rooms/named-room.ts';
import { readNames } from '../rooms/people.ts';
import { listKnownRooms } from '../rooms/room-rows.ts';
import { printedJson, printedRow } from '../text/printed.ts';
import { toWall } from '../time/clock.ts';
import { type CommandLine, configOption, jsonOption, withStore } from './command-line.ts';
import { messageText } from './message-text.ts';
import { type MuteWords, muteLine } from './mute-line.ts';
import { type NamedStore, withNamedStore } from './named-store.ts';
import { shellFormFor, shellUser } from './shell-form.ts';
import type { ExitCode, Terminal } from './terminal.ts';
import { withRunning } from './with-running.ts';

export interface ListMutesOptions {
  /** The name or address of a room; null: all rooms. */
  readonly room: string | null;
  readonly json: boolean;
}

/**
 * Runs `lookout mutes list`: prints the mutes that hold now, oldest first, in columns separated by two blanks: id, room,
 * what, until, who, why.
 */
export async function listMutesCommand(
  store: NamedStore,
  { room: word, json }: ListMutesOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  return withNamedStore(store, terminal, async (db, clock) => {
    const found = word === null ? null : findNamedRoom(word, await listKnownRooms(db));
    if (found?.outcome === 'unknown') {
      terminal.err(`--room: ${found.error}\n`);
      return 1;
    }
    const all = await listHeldMutes(db, clock.now());
    const mutes = found === null ? all : all.filter(({ address }) => address === found.room.address);
    const nameOf = await readNames(db);
    const named = mutes.map((mute) => ({
      ...mute,
      until: toWall(clock, mute.until),
      by: nameOf(mute.address, mute.author),
    }));
    if (json) terminal.out(printedJson(named.map(({ id, ...mute }) => ({ id: `m${id}`, ...mute }))));
    else for (const mute of named) terminal.out(printedRow(columns(mute)));
    if (mutes.length === 0)
      terminal.err(found === null ? 'nothing is muted\n' : `${found.room.name}: nothing is muted\n`);
    return 0;
  });
}

function columns(mute: HeldMute & { readonly by: string | null }): readonly string[] {
  const { id, events, where, except, until, author, by, reason } = mute;
  const what = [
    events ?? (where === null ? 'the whole room' : 'all events'),
    ...(where === null ? [] : [`where ${where.trim().replaceAll(/\s+/g, ' ')}`]),
    ...(except === null ? [] : [`except ${except}`]),
  ];
  return [
    `m${id}`,
    roomText({ name: mute.room, address: mute.address }),
    what.join(' '),
    `until ${new Date(until).toISOString()}`,
    by === null ? author : `${by} (${author})`,
    ...(reason === null ? [] : [reason]),
  ];
}

/** Has the running Lookout run a line of a room, such as `mute posts for 2h`, and prints its answer. `shown`: the room as the answer names it. */
export async function muteCommand(
  named: NamedStore,
  { room, shown = room }: { readonly room: string; readonly shown?: string },
  line: string,
  terminal: Terminal,
): Promise<ExitCode> {
  const question = { method: 'POST', path: '/command', body: { room, line, by: shellUser() } } as const;
  return withRunning(named, question, terminal, (answer) => {
    const { isRefused, message } = answer as unknown as ShellAnswer;
    const text = messageText(message as unknown as Message, shellFormFor(shown));
    if (isRefused) terminal.err(text);
    else terminal.out(text);
    return isRefused ? 1 : 0;
  });
}

export interface EndMutesOptions {
  /** Ids of mutes, `m12`, or `all`. */
  readonly mutes: readonly string[];
  /** The room whose mutes all end. */
  readonly room: string | null;
}

/** Runs `lookout mutes end <mute>...`: exits with 1 if one of them does not hold. `all` ends those of one room. */
export async function endMutesCommand(
  named: NamedStore,
  { mutes, room: word }: EndMutesOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const isAll = mutes.some((mute) => mute.toLowerCase() === 'all');
  if (isAll && word === null) {
    terminal.err('name the room whose mutes end: lookout mutes end all --room <room>\n');
    return 2;
  }
  if (isAll && word !== null) return muteCommand(named, { room: word }, 'unmute all', terminal);
  return withNamedStore(named, terminal, async (db, clock) => {
    const held = await listHeldMutes(db, clock.now());
    let code: ExitCode = 0;
    for (const mute of mutes) {
      const id = mute.toLowerCase().replace(/^(?=\d)/, 'm');
      const found = held.find((one) => `m${one.id}` === id);
      if (found === undefined) {
        terminal.err(`${mute}: no such mute holds: ${holdingText(held)}\n`);
        code = 1;
        continue;
      }
      const place = { room: found.address, shown: found.room };
      if ((await muteCommand(named, place, `unmute ${id}`, terminal)) !== 0) code = 1;
    }
    return code;
  });
}

function holdingText(held: readonly HeldMute[]): string {
  if (held.length === 0) return 'nothing is muted';
  return `these do: ${held.map((one) => `m${one.id} in ${one.room}`).join(', ')}`;
}

/** Adds `lookout mutes`. */
export function addMutes(program: Command, line: CommandLine): void {
  const { terminal } = line;
  const mutes = program.command('mutes').description('pauses of rooms, or of some events in them: list, add, end');
  mutes
    .command('list')
    .description('those that hold now, oldest first')
    .addOption(configOption())
    .addOption(jsonOption())
    .argument('[room]', 'only of this room: its name in the configuration, or its address')
    .option('--room <room>', 'the same')
    .action(async (word: string | undefined, options: { config?: string; json?: boolean; room?: string }) => {
      const { config, json = false, room = word ?? null } = options;
      line.end(await withStore(line, config, (named) => listMutesCommand(named, { room, json }, terminal)));
    });
  mutes
    .command('add')
    .description('pause a room or some events in it, for an hour unless you say otherwise; Lookout must be running')
    .argument('<room>', 'its name in the configuration, or its address')
    .argument('[events...]', 'which events, such as posts or flag_logs#create; without them the whole room')
    .option('--for <time>', 'how long: 90m, 2h, "3 days"')
    .option('--until <time>', 'when it ends: 18:00, "tomorrow 9:00"')
    .option('--where <condition>', 'only those events for which this condition (CEL) is true')
    .option('--except <events>', 'events that are sent all the same')
    .option('--reason <text>', 'why, for the others')
    .addOption(configOption())
    .addHelpText('after', '\nFor example: lookout mutes add hq posts --for 2h --reason "spam wave"')
    .action(async (room: string, events: readonly string[], options: MuteWords & { readonly config?: string }) => {
      const text = muteLine(events, options);
      if (text === null) terminal.err('say either --for or --until\n');
      line.end(
        text === null
          ? 2
          : await withStore(line, options.config, (named) => muteCommand(named, { room }, text, terminal)),
      );
    });
  mutes
    .command('end')
    .description('end mutes early; a notice in the room says what they held back; Lookout must be running')
    .argument('<mute...>', 'the first column of `mutes list`, or `all` with --room')
    .addOption(configOption())
    .option('--room <room>', 'the room whose mutes all end')
    .action(async (ids: readonly string[], options: { config?: string; room?: string }) => {
      const { config, room = null } = options;
      line.end(await withStore(line, config, (named) => endMutesCommand(named, { mutes: ids, room }, terminal)));
    });
}
