import { type Command, InvalidArgumentError, Option } from 'commander';
import { listAudit, listAuditedAddresses } from '../commands/audit.ts';
import { findNamedRoom, namesByAddress, type RoomName, roomText } from '../rooms/named-room.ts';
import { readNames } from '../rooms/people.ts';
import { listKnownRooms } from '../rooms/room-rows.ts';
import type { Database } from '../store/tables.ts';
import { printedJson, printedRow } from '../text/printed.ts';
import { toWall } from '../time/clock.ts';
import { type CommandLine, configOption, jsonOption, withStore } from './command-line.ts';
import { type NamedStore, withNamedStore } from './named-store.ts';
import type { ExitCode, Terminal } from './terminal.ts';

export interface AuditOptions {
  /** Number of entries, newest first. */
  readonly limit: number;
  /** The name or address of a room; null: all rooms. */
  readonly room: string | null;
  readonly json: boolean;
}

/**
 * Runs `lookout audit`: prints the changes made by commands, oldest first, in columns separated by two blanks: when,
 * room, who, what.
 */
export async function auditCommand(store: NamedStore, options: AuditOptions, terminal: Terminal): Promise<ExitCode> {
  return withNamedStore(store, terminal, async (db, clock) => {
    const rooms = await listKnownRooms(db);
    const found = options.room === null ? null : findNamedRoom(options.room, await withAudited(db, rooms));
    if (found?.outcome === 'unknown') {
      terminal.err(`--room: ${found.error}\n`);
      return 1;
    }
    const entries = await listAudit(db, options.limit, found?.room.address ?? null);
    const nameOf = await readNames(db);
    const roomOf = namesByAddress(rooms);
    const named = entries.map((entry) => ({
      ...entry,
      at: toWall(clock, entry.at),
      room: roomOf(entry.address),
      name: nameOf(entry.address, entry.author),
    }));
    if (options.json) terminal.out(printedJson(named));
    else
      for (const { at, address, room, author, name, what } of named) {
        const who = name === null ? author : `${name} (${author})`;
        terminal.out(
          printedRow([
            new Date(at).toISOString(),
            roomText({ name: room, address }),
            who,
            what.replaceAll(/\s+/g, ' '),
          ]),
        );
      }
    if (entries.length === 0) terminal.err('no changes by commands\n');
    return 0;
  });
}

/** Adds the rooms in which commands changed something, and which the store does not have any more. */
async function withAudited(db: Database, rooms: readonly RoomName[]): Promise<readonly RoomName[]> {
  const known = new Set(rooms.map(({ address }) => address));
  const gone = (await listAuditedAddresses(db)).filter((address) => !known.has(address));
  return [...gone.map((address) => ({ name: address, address })), ...rooms];
}

/** Adds `lookout audit`. */
export function addAudit(program: Command, line: CommandLine): void {
  const { terminal } = line;
  program
    .command('audit')
    .description('changes made by commands in rooms, oldest first')
    .addOption(configOption())
    .addOption(jsonOption())
    .addOption(
      new Option('-n, --limit <number>', 'number of entries, from the newest').default(100).argParser((text) => {
        if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
        throw new InvalidArgumentError('expected a number from 1 to 9999999.');
      }),
    )
    .option('--room <room>', 'only of this room: its name in the configuration, or its address')
    .action(async (options: { config?: string; json?: boolean; limit: number; room?: string }) => {
      const { limit, room = null, json: asJson = false } = options;
      line.end(
        await withStore(line, options.config, (named) => auditCommand(named, { limit, room, json: asJson }, terminal)),
      );
    });
}
