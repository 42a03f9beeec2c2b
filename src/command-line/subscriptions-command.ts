import type { Command } from 'commander';
import { findNamedRoom, namesByAddress, roomText } from '../rooms/named-room.ts';
import { readNames } from '../rooms/people.ts';
import { listKnownRooms } from '../rooms/room-rows.ts';
import { listStoredSubscriptions } from '../rooms/stored-subscriptions.ts';
import { printedJson, printedRow } from '../text/printed.ts';
import { toWall } from '../time/clock.ts';
import { type CommandLine, configOption, jsonOption, withStore } from './command-line.ts';
import { exportSubscriptionsCommand } from './export-command.ts';
import { type NamedStore, withNamedStore } from './named-store.ts';
import type { ExitCode, Terminal } from './terminal.ts';

export interface ListSubscriptionsOptions {
  /** The name or address of a room; null: all rooms. */
  readonly room: string | null;
  readonly json: boolean;
}

/**
 * Runs `lookout subscriptions list`: one line each, columns separated by two blanks: id, since, room, author, events,
 * where, template.
 */
export async function listSubscriptionsCommand(
  store: NamedStore,
  { room: word, json }: ListSubscriptionsOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  return withNamedStore(store, terminal, async (db, clock) => {
    const rooms = await listKnownRooms(db);
    const found = word === null ? null : findNamedRoom(word, rooms);
    if (found?.outcome === 'unknown') {
      terminal.err(`--room: ${found.error}\n`);
      return 1;
    }
    const all = await listStoredSubscriptions(db);
    const stored = found === null ? all : all.filter(({ address }) => address === found.room.address);
    const nameOf = await readNames(db);
    const roomOf = namesByAddress(rooms);
    const named = stored.map((one) => ({
      ...one,
      room: roomOf(one.address),
      name: nameOf(one.address, one.author),
    }));
    if (json) terminal.out(printedJson(named));
    else
      for (const { id, createdAt, address, room, author, name, events, where, template } of named) {
        const who = name === null ? author : `${name} (${author})`;
        const filter = `${events}${where === null ? '' : ` where ${where.trim().replaceAll(/\s+/g, ' ')}`}`;
        const look = template === null ? [] : [`template ${template}`];
        terminal.out(
          printedRow([
            id,
            new Date(toWall(clock, createdAt)).toISOString(),
            roomText({ name: room, address }),
            who,
            filter,
            ...look,
          ]),
        );
      }
    if (stored.length === 0)
      terminal.err('no subscriptions made by commands; for those of the configuration see `lookout check`\n');
    return 0;
  });
}

/** Adds `lookout subscriptions`. */
export function addSubscriptions(program: Command, line: CommandLine): void {
  const { terminal } = line;
  const subscriptions = program
    .command('subscriptions')
    .description('subscriptions made by commands in rooms: list, export');
  subscriptions
    .command('list')
    .description('all of them, oldest first')
    .addOption(configOption())
    .addOption(jsonOption())
    .option('--room <room>', 'only of this room: its name in the configuration, or its address')
    .action(async (options: { config?: string; json?: boolean; room?: string }) => {
      const { config, json = false, room = null } = options;
      line.end(await withStore(line, config, (named) => listSubscriptionsCommand(named, { room, json }, terminal)));
    });
  subscriptions
    .command('export')
    .description('as YAML for the configuration, where they keep their ids')
    .option('--write', 'put them into the configuration; its other lines stay as they are')
    .addOption(configOption())
    .action(async ({ config, write = false }: { config?: string; write?: boolean }) => {
      const options = { write, environment: line.environment };
      line.end(await withStore(line, config, (named) => exportSubscriptionsCommand(named, options, terminal)));
    });
}
