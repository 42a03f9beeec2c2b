import { type Command, InvalidArgumentError, Option } from 'commander';
import { platforms } from '../adapters/platforms.ts';
import { listAudit } from '../commands/audit.ts';
import { readNames } from '../rooms/people.ts';
import { printedJson, printedRow } from '../text/printed.ts';
import { type CommandLine, configOption, jsonOption, withStore } from './command-line.ts';
import { type NamedStore, withNamedStore } from './named-store.ts';
import type { ExitCode, Terminal } from './terminal.ts';

export interface AuditOptions {
  /** Number of entries, newest first. */
  readonly limit: number;
  /** An address, `matrix:#a:example.org`; null: all rooms. */
  readonly room: string | null;
  readonly json: boolean;
}

/**
 * Runs `lookout audit`: prints the changes made by commands, oldest first, in columns separated by two blanks: when,
 * room, who, what.
 */
export async function auditCommand(store: NamedStore, options: AuditOptions, terminal: Terminal): Promise<ExitCode> {
  return withNamedStore(store, terminal, async (db) => {
    const entries = await listAudit(db, options.limit, options.room);
    const nameOf = await readNames(db);
    const named = entries.map((entry) => ({ ...entry, name: nameOf(entry.address, entry.author) }));
    if (options.json) terminal.out(printedJson(named));
    else
      for (const { at, address, author, name, what } of named) {
        const who = name === null ? author : `${name} (${author})`;
        terminal.out(printedRow([new Date(at).toISOString(), address, who, what.replaceAll(/\s+/g, ' ')]));
      }
    if (entries.length === 0) terminal.err('no changes by commands\n');
    return 0;
  });
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
    .option('--room <address>', `only of this room, for example ${platforms[0]?.address.example}`)
    .action(async (options: { config?: string; json?: boolean; limit: number; room?: string }) => {
      const { limit, room = null, json: asJson = false } = options;
      line.end(
        await withStore(line, options.config, (named) => auditCommand(named, { limit, room, json: asJson }, terminal)),
      );
    });
}
