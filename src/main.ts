import { existsSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { platforms } from './adapters/platforms.ts';
import { auditCommand } from './command-line/audit-command.ts';
import { isInBackground } from './command-line/background.ts';
import { findConfig } from './command-line/find-config.ts';
import { findStore } from './command-line/find-store.ts';
import { hubCommand } from './command-line/hub-command.ts';
import type { NamedStore } from './command-line/named-store.ts';
import { npmMistake } from './command-line/npm-mistake.ts';
import { handleCommand, listCommand } from './command-line/outbox-command.ts';
import { exportSubscriptionsCommand, listSubscriptionsCommand } from './command-line/subscriptions-command.ts';
import { createTerminal, type ExitCode, type Terminal } from './command-line/terminal.ts';
import { openTerminalInput } from './command-line/terminal-input.ts';
import { check, problemLine } from './config/check.ts';
import type { Config } from './config/config.ts';
import { configKeys } from './config/keys.ts';
import { loadConfig } from './config/load-config.ts';
import { jsonSchemaOf } from './config/shape.ts';
import { MetricsStartError } from './metrics/metrics-start-error.ts';
import { StoreError } from './store/store-errors.ts';
import { printedJson, printedRow } from './text/printed.ts';
import { systemClock } from './time/clock.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The command line: the only place that reads arguments and environment and sets the exit code.
 *
 * @param onHearing called when signals are heard here: until then whoever called must hear them
 */
export async function main(
  argv: readonly string[],
  environment: Environment,
  onHearing: () => void = () => {},
): Promise<void> {
  const terminal = terminalOf(environment);
  const endsWithTerminal = await needsTerminal();
  // A reader that goes away (`| head`) is no error of ours; adapters hear of it through their own writes.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    process.exitCode = await execute(argv, environment, terminal, (callback) => {
      for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, callback);
      process.on('SIGHUP', endsWithTerminal ? callback : () => {});
      onHearing();
    });
  } catch (err) {
    if (!(err instanceof CommanderError)) throw err;
    process.exitCode = err.exitCode === 0 ? 0 : 2;
  }
}

async function execute(
  argv: readonly string[],
  environment: Environment,
  terminal: Terminal,
  onSignal: (callback: () => void) => void,
): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = new Command('lookout')
    .description(
      'Tells chat rooms what happens on metasmoke.\n\nExit codes: 0 done, 1 the answer is no or it failed, 2 wrong usage or configuration.',
    )
    .version(version())
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .showHelpAfterError('(lookout --help shows all commands)');
  const config = () =>
    new Option('-c, --config <file>', 'the configuration; without it config.yaml, else config.example.yaml');
  // Commander gives an option that the program has to the program, also where it stands behind a command that has it, too.
  program.addOption(config()).hook('preAction', (_program, command) => {
    const { config: named } = program.opts<{ config?: string }>();
    if (named !== undefined) command.setOptionValue('config', named);
  });
  const json = () => new Option('--json', 'one JSON document on standard output, for programs');

  program
    .command('run')
    .description('hear events and post messages until Ctrl-C')
    .addOption(config())
    .addOption(
      new Option('--log-level <level>', 'how much is logged')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .action(async (options: { config?: string; logLevel: 'debug' | 'info' | 'warn' | 'error' }) => {
      // All the others start in half the time without the chats' libraries.
      const { runCommand } = await import('./command-line/run-command.ts');
      code = await withConfig(options.config, environment, terminal, (loaded) =>
        runCommand(
          loaded,
          {
            logLevel: options.logLevel,
            onSignal,
            exitNow: (exitCode) => process.exit(exitCode),
            write,
            flushed,
            input: commandInput(),
            version: version(),
          },
          terminal,
        ),
      );
    });

  program
    .command('check')
    .description('say what is wrong in the configuration, and where; run nothing')
    .addOption(config())
    .addOption(json())
    .option('--schema', 'print the JSON Schema of the configuration instead, for editors')
    .action((options: { config?: string; json?: boolean; schema?: boolean }) => {
      if (options.schema) return terminal.out(printedJson(jsonSchemaOf(configKeys(platforms))));
      const file = configFile(options.config, terminal);
      const found = check(file ?? 'config.yaml', environment, platforms);
      code = found.exitCode;
      if (file === null && !options.json) return;
      terminal.out(options.json ? printedJson(found.json) : found.lines.map((line) => printedRow([line])).join(''));
    });

  program
    .command('hub')
    .description("serve metasmoke's WebSocket API yourself: for tests, demos and relays")
    .option('-c, --config <file>', 'take `hub:` of this configuration')
    .option('--host <address>', 'the address to listen on (127.0.0.1)')
    .option('--port <number>', 'the port to listen on (28080)')
    .option(
      '--key-file <file>',
      'holds what clients must give; else LOOKOUT_HUB_KEY; without both one is made and shown',
    )
    // Everybody on the machine could read it in `ps`.
    .addOption(new Option('--key [key]').hideHelp())
    .option('--demo', 'play sample events')
    .action(
      async (options: {
        config?: string;
        host?: string;
        port?: string;
        keyFile?: string;
        key?: unknown;
        demo?: boolean;
      }) => {
        const { host = null, port = null, keyFile = null, demo = false } = options;
        if (options.key !== undefined) {
          terminal.err(
            '--key would show the key to everybody on this machine: set LOOKOUT_HUB_KEY, or name a file with --key-file\n',
          );
          code = 2;
          return;
        }
        const said = { host, port, keyFile, keyVariable: environment.LOOKOUT_HUB_KEY ?? null, demo };
        const serve = (loaded: Config | null) =>
          hubCommand(said, loaded, new Promise((resolve) => onSignal(resolve)), terminal);
        code =
          options.config === undefined
            ? await serve(null)
            : await withConfig(options.config, environment, terminal, serve);
      },
    );

  const outbox = program
    .command('outbox')
    .description('dead letters and failed events: list, retry, drop; also while `run` is running');
  outbox
    .command('list')
    .description('all dead letters and failed events, oldest first; then what waits, by room')
    .addOption(config())
    .addOption(json())
    .action(async (options: { config?: string; json?: boolean }) => {
      code = await withStore(options.config, environment, terminal, (named) =>
        listCommand(named, options.json ?? false, terminal),
      );
    });
  for (const [what, does] of [
    ['retry', 'try these again, under new keys'],
    ['drop', 'give these up for good'],
  ] as const)
    outbox
      .command(what)
      .description(does)
      .argument('<id...>', 'what `outbox list` shows first in each line, or `all`')
      .addOption(config())
      .action(async (ids: string[], options: { config?: string }) => {
        code = await withStore(options.config, environment, terminal, (store) =>
          handleCommand(store, what, ids, terminal),
        );
      });

  const subscriptions = program
    .command('subscriptions')
    .description('subscriptions that were made by commands in rooms: list, export');
  subscriptions
    .command('list')
    .description('all of them, oldest first')
    .addOption(config())
    .addOption(json())
    .action(async (options: { config?: string; json?: boolean }) => {
      code = await withStore(options.config, environment, terminal, (named) =>
        listSubscriptionsCommand(named, options.json ?? false, terminal),
      );
    });
  subscriptions
    .command('export')
    .description('as YAML, to be pasted into the configuration')
    .addOption(config())
    .action(async (options: { config?: string }) => {
      code = await withStore(options.config, environment, terminal, (named) =>
        exportSubscriptionsCommand(named, terminal),
      );
    });

  program
    .command('audit')
    .description('who changed what by a command in a room, oldest first')
    .addOption(config())
    .addOption(json())
    .addOption(
      new Option('-n, --limit <number>', 'how many of the newest').default(100).argParser((text) => {
        if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
        throw new InvalidArgumentError('a number from 1 to 9999999 is wanted.');
      }),
    )
    .option('--room <address>', `of this room alone, as ${platforms[0]?.address.example}`)
    .action(async (options: { config?: string; json?: boolean; limit: number; room?: string }) => {
      const { limit, room = null, json: asJson = false } = options;
      code = await withStore(options.config, environment, terminal, (named) =>
        auditCommand(named, { limit, room, json: asJson }, terminal),
      );
    });

  const mistake = argv[2] === 'run' ? npmMistake(argv.slice(3), environment) : null;
  if (mistake !== null) {
    terminal.err(`${mistake}\n`);
    return 2;
  }
  await program.parseAsync([...argv]);
  return code;
}

/** The configuration's file; null, with the reason said, where there is none. */
function configFile(named: string | undefined, terminal: Terminal): string | null {
  const found = findConfig(named, {
    path: process.cwd(),
    has: existsSync,
    shippedExample: fileURLToPath(new URL('../config.example.yaml', import.meta.url)),
  });
  if (found.outcome === 'missing') {
    terminal.err(`${found.message}\n`);
    return null;
  }
  if (found.notice !== null) terminal.err(`${found.notice}\n`);
  return found.file;
}

/** Loads the configuration, says everything that is wrong in it, and goes on only with a good one. */
async function withConfig(
  named: string | undefined,
  environment: Environment,
  terminal: Terminal,
  work: (config: Config) => Promise<ExitCode>,
): Promise<ExitCode> {
  const file = configFile(named, terminal);
  if (file === null) return 2;
  const { config, problems } = loadConfig(file, environment, platforms);
  for (const problem of problems) terminal.err(`${problemLine(problem)}\n`);
  return config === null ? 2 : withErrorsTold(terminal, () => work(config));
}

/** Finds the store that a configuration names, without what only `run` needs: secrets above all. */
async function withStore(
  named: string | undefined,
  environment: Environment,
  terminal: Terminal,
  work: (named: NamedStore) => Promise<ExitCode>,
): Promise<ExitCode> {
  const file = configFile(named, terminal);
  if (file === null) return 2;
  const store = findStore(file, environment);
  if (store === null) return withConfig(file, environment, terminal, work);
  return withErrorsTold(terminal, () => work({ file, store }));
}

/** What a human has to change is said without a stack. */
async function withErrorsTold(terminal: Terminal, work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (err) {
    if (!(err instanceof StoreError || err instanceof MetricsStartError)) throw err;
    terminal.err(`${err.message}\n`);
    return 1;
  }
}

function terminalOf(environment: Environment): Terminal {
  const errIsTerminal = process.stderr.isTTY ?? false;
  const outIsTerminal = process.stdout.isTTY ?? false;
  const forced = (environment.FORCE_COLOR ?? '') !== '' && environment.FORCE_COLOR !== '0';
  const wanted = forced || ((environment.NO_COLOR ?? '') === '' && environment.TERM !== 'dumb');
  return createTerminal({
    writeOut: (text) => void process.stdout.write(text),
    writeErr: (text) => void process.stderr.write(text),
    errIsTerminal,
    outIsTerminal,
    errColor: wanted && (forced || errIsTerminal),
    outColor: wanted && (forced || outIsTerminal),
    // Some terminals say 0.
    outColumns: (outIsTerminal && process.stdout.columns) || null,
  });
}

/**
 * Returns true if a closed terminal (SIGHUP) is to end us as Ctrl-C does: if messages or the log are on it, or we were
 * started in its foreground. What runs beside it (`nohup npm start >log 2>&1 &`) goes on; Node undoes what nohup does.
 */
async function needsTerminal(): Promise<boolean> {
  return isatty(1) || isatty(2) || (isatty(0) && !(await isInBackground()));
}

/** Where commands for console rooms are typed. */
function commandInput(): Readable {
  if (!isatty(0)) return process.stdin;
  return openTerminalInput({
    terminal: process.stdin,
    isInBackground,
    onContinue: (callback) => {
      process.on('SIGCONT', callback);
      return () => process.off('SIGCONT', callback);
    },
    clock: systemClock,
  });
}

/** Writes to standard output; rejects when nobody reads any more. */
function write(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (err) => (err ? reject(err) : resolve()));
  });
}

/** Resolves when all that was written is with its readers, or when nobody reads any more. */
async function flushed(): Promise<void> {
  const written = [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
  );
  await Promise.all(written);
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
