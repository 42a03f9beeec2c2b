import type { Command } from 'commander';
import { backUpStore } from '../store/backup-store.ts';
import { placeOf } from '../store/place.ts';
import { shownLine } from '../text/shown.ts';
import { type CommandLine, configOption, withStore } from './command-line.ts';
import type { NamedStore } from './named-store.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** Runs `lookout backup <file>`, also while `run` uses the store. */
async function backupCommand({ file, store }: NamedStore, copy: string, terminal: Terminal): Promise<ExitCode> {
  if (store.kind === 'memory') {
    terminal.err(`${file}: \`store: memory\` keeps nothing after its process ends, so there is nothing to copy\n`);
    return 1;
  }
  if (store.kind === 'postgres') {
    terminal.err(
      `${file}: the store is on a PostgreSQL server, whose own tool copies it while Lookout runs: ` +
        `pg_dump --format=custom --file=${shownLine(copy)} ${placeOf(store)}\n`,
    );
    return 1;
  }
  const bytes = backUpStore(store.file, copy);
  terminal.err(
    `${shownLine(copy)} is a copy of ${shownLine(store.file)} (${Math.ceil(bytes / 1_000)} kB). ` +
      'It has the tokens in it that Lookout got while it ran: keep it as you keep those.\n',
  );
  return 0;
}

/** Adds `lookout backup`. */
export function addBackup(program: Command, line: CommandLine): void {
  program
    .command('backup')
    .description('copy the database, also while Lookout runs')
    .argument('<file>', 'the copy; a file that is there is not replaced')
    .addOption(configOption())
    .action(async (copy: string, options: { config?: string }) => {
      line.end(await withStore(line, options.config, (named) => backupCommand(named, copy, line.terminal)));
    });
}
