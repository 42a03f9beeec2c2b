import type { Command } from 'commander';
import { exportSubscriptions } from '../rooms/export-subscriptions.ts';
import { readNames } from '../rooms/people.ts';
import { listStoredSubscriptions } from '../rooms/stored-subscriptions.ts';
import { printedJson, printedRow } from '../text/printed.ts';
import { type CommandLine, configOption, jsonOption, withStore } from './command-line.ts';
import { type NamedStore, withNamedStore } from './named-store.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/**
 * Runs `lookout subscriptions list`: one line each, columns separated by two blanks: id, since, room, author, events,
 * where, template.
 */
export async function listSubscriptionsCommand(
  store: NamedStore,
  json: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  return withNamedStore(store, terminal, async (db) => {
    const stored = await listStoredSubscriptions(db);
    const nameOf = await readNames(db);
    const named = stored.map((one) => ({ ...one, name: nameOf(one.address, one.author) }));
    if (json) terminal.out(printedJson(named));
    else
      for (const { id, createdAt, address, author, name, events, where, template } of named) {
        const who = name === null ? author : `${name} (${author})`;
        const filter = `${events}${where === null ? '' : ` where ${where.trim().replaceAll(/\s+/g, ' ')}`}`;
        const look = template === null ? [] : [`template ${template}`];
        terminal.out(printedRow([id, new Date(createdAt).toISOString(), address, who, filter, ...look]));
      }
    if (stored.length === 0)
      terminal.err('no subscriptions made by commands; for those of the configuration see `lookout check`\n');
    return 0;
  });
}

/** Runs `lookout subscriptions export`: prints YAML to be pasted into the configuration. */
export async function exportSubscriptionsCommand(named: NamedStore, terminal: Terminal): Promise<ExitCode> {
  return withNamedStore(named, terminal, async (db) => {
    const stored = await listStoredSubscriptions(db);
    if (stored.length === 0) terminal.err('no subscriptions made by commands\n');
    else terminal.out(exportSubscriptions(stored));
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
    .action(async (options: { config?: string; json?: boolean }) => {
      line.end(
        await withStore(line, options.config, (named) =>
          listSubscriptionsCommand(named, options.json ?? false, terminal),
        ),
      );
    });
  subscriptions
    .command('export')
    .description('as YAML, to be pasted into the configuration')
    .addOption(configOption())
    .action(async (options: { config?: string }) => {
      line.end(await withStore(line, options.config, (named) => exportSubscriptionsCommand(named, terminal)));
    });
}
