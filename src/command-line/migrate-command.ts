import { realpathSync } from 'node:fs';
import type { Command } from 'commander';
import type { Moved } from '../store/move/move-store.ts';
import { placeOf, type StorePlace } from '../store/place.ts';
import { StoreError } from '../store/store-errors.ts';
import { shownLine } from '../text/shown.ts';
import { systemClock } from '../time/clock.ts';
import { formatDuration } from '../time/duration.ts';
import { type CommandLine, withErrorsTold } from './command-line.ts';
import { MigrateProgress } from './migrate-progress.ts';
import { readPlace } from './read-place.ts';
import type { ExitCode, Terminal } from './terminal.ts';

interface MigrateOptions {
  readonly from: string;
  readonly to: string;
  readonly passwordFile?: string;
  readonly fromPasswordFile?: string;
  readonly toPasswordFile?: string;
}

/** Runs `lookout migrate`: moves everything from one store into another, which is empty. */
async function migrateCommand(options: MigrateOptions, line: CommandLine): Promise<ExitCode> {
  const { terminal } = line;
  const places = readPlaces(options, terminal);
  if (places === null) return 2;
  const { from, to } = places;
  const { moveStore } = await import('../store/move/move-store.ts');
  const stop = new AbortController();
  const again = 'the same command begins anew';
  line.onSignal(() => {
    if (stop.signal.aborted) line.exitNow(1);
    stop.abort(new StoreError(`stopped: ${placeOf(to)} has nothing of it, and ${placeOf(from)} everything; ${again}`));
  });
  const progress = new MigrateProgress(terminal, systemClock);
  const startedAt = systemClock.monotonic();
  const moved = await moveStore({
    ...{ from, to, clock: systemClock, stop },
    report: (step) => progress.show(step),
  }).finally(() => progress.end());
  terminal.err(doneText(places, moved, systemClock.monotonic() - startedAt));
  terminal.err(nextText(options, places));
  return 0;
}

interface Places {
  readonly from: StorePlace;
  readonly to: StorePlace;
}

/** Returns both stores; null after it has printed what is wrong with them. */
function readPlaces(options: MigrateOptions, terminal: Terminal): Places | null {
  const problem = passwordProblem(options);
  if (problem !== null) {
    terminal.err(`${problem}\n`);
    return null;
  }
  const { from, to, passwordFile, fromPasswordFile = passwordFile, toPasswordFile = passwordFile } = options;
  const source = readPlace({ option: '--from', url: from, passwordFile: fromPasswordFile, mustExist: true });
  const target = readPlace({ option: '--to', url: to, passwordFile: toPasswordFile, mustExist: false });
  for (const read of [source, target])
    for (const text of read.outcome === 'place' ? read.warnings : read.problems) terminal.err(`${text}\n`);
  if (source.outcome !== 'place' || target.outcome !== 'place') return null;
  const places = { from: source.place, to: target.place };
  if (identity(places.from) === identity(places.to)) {
    terminal.err(`--from and --to are both ${placeOf(places.to)}: name an empty store after --to\n`);
    return null;
  }
  return places;
}

/** Says why it is not clear which password is for which store; null if it is. */
function passwordProblem({ from, to, passwordFile, fromPasswordFile, toPasswordFile }: MigrateOptions): string | null {
  const [isFromFile, isToFile] = [isFile(from), isFile(to)];
  if (passwordFile !== undefined && (fromPasswordFile ?? toPasswordFile) !== undefined)
    return '--password-file is for both stores: leave it out, and name a file for each with --from-password-file and --to-password-file';
  if (fromPasswordFile !== undefined && isFromFile)
    return '--from-password-file: the store after --from is a file, which needs no password';
  if (toPasswordFile !== undefined && isToFile)
    return '--to-password-file: the store after --to is a file, which needs no password';
  if (passwordFile !== undefined && isFromFile && isToFile)
    return '--password-file: neither store is on a PostgreSQL server, and a file needs no password';
  return null;
}

const isFile = (url: string) => url.startsWith('sqlite:');

/** Names a store in one way, however its path is written. */
function identity(place: StorePlace): string {
  if (place.kind === 'postgres') return placeOf(place);
  try {
    return realpathSync(place.file);
  } catch {
    return place.file; // It does not exist yet.
  }
}

function doneText({ from, to }: Places, moved: Moved, ms: number): string {
  const rows = [...moved.values()].reduce((sum, table) => sum + table.rows, 0);
  const tables = moved.size === 1 ? '1 table' : `${moved.size} tables`;
  return (
    `moved ${new Intl.NumberFormat('en').format(rows)} rows of ${tables} from ${placeOf(from)} to ${placeOf(to)} in ` +
    `${formatDuration(ms)}; read back, each table has the same number of rows and the same hash\n`
  );
}

function nextText({ to: typed, passwordFile, toPasswordFile }: MigrateOptions, { from, to }: Places): string {
  const name = shownLine(placeOf(from));
  const old =
    from.kind === 'sqlite'
      ? `${name} still has everything. Keep it for now, under a name that nothing starts: mv ${name} ${name}.moved`
      : `${name} still has everything. Keep it for now, and drop it later`;
  return (
    `\nNow write into the configuration:\n\n${storeLines(typed, to, toPasswordFile ?? passwordFile)}\n\n` +
    `Then check it and start Lookout:\n\n  npx lookout check\n  npm start\n\n${old}.\n` +
    'Never start Lookout on both: the rooms would get messages twice, and encrypted rooms could not be read any more.\n'
  );
}

/** Returns `store:` as YAML, without a password. */
function storeLines(typed: string, to: StorePlace, passwordFile: string | undefined): string {
  if (to.kind === 'sqlite') return `  store: ${shownLine(typed)}`;
  const url = new URL(typed);
  const hadPassword = url.password !== '';
  url.password = '';
  const file = passwordFile ?? (hadPassword ? 'a-file-with-the-password' : null);
  if (file === null) return `  store: ${shownLine(url.href)}`;
  return `  store:\n    url: ${shownLine(url.href)}\n    password_file: ${shownLine(file)}`;
}

/** Adds `lookout migrate`. */
export function addMigrate(program: Command, line: CommandLine): void {
  program
    .command('migrate')
    .description('move everything into another store: from SQLite to PostgreSQL, or back')
    .requiredOption('--from <store>', 'the store that has it: sqlite:lookout.db, or postgres://user@server/database')
    .requiredOption('--to <store>', 'the store that gets it, which is empty')
    .option('--password-file <file>', 'a file with the password of the PostgreSQL server, or of both')
    .option('--from-password-file <file>', 'a file with the password of the store after --from alone')
    .option('--to-password-file <file>', 'a file with the password of the store after --to alone')
    .action(async (options: MigrateOptions) => {
      line.end(await withErrorsTold(line.terminal, () => migrateCommand(options, line)));
    });
}
