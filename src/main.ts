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
 * Runs the command line. Only this module reads arguments and environment and sets the exit code.
 *
 * @param onHearing called when signals are handled here; until then the caller must handle them
 */
export async function main(
  argv: readonly string[],
  environment: Environment,
  onHearing: () => void = () => {},
): Promise<void> {
  const terminal = terminalOf(environment);
  const endsWithTerminal = await needsTerminal();
  // A reader that goes away (`| head`) is not an error of ours; adapters notice it in their own writes.
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
      'Tells chat rooms what happens on metasmoke.\n\nExit codes: 0 done, 1 a negative answer or a failure, 2 wrong usage or configuration.',
    )
    .version(version())
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .showHelpAfterError('(lookout --help shows all commands)');
  const config = () =>
    new Option('-c, --config <file>', 'the configuration; default config.yaml, else config.example.yaml');
  // Commander assigns an option of the program to the program, even after a command that has the option, too.
  program.addOption(config()).hook('preAction', (_program, command) => {
    const { config: named } = program.opts<{ config?: string }>();
    if (named !== undefined) command.setOptionValue('config', named);
  });
  const json = () => new Option('--json', 'one JSON document on standard output, for programs');

  program
    .command('run')
    .description('receive events and post messages until Ctrl-C')
    .addOption(config())
    .addOption(
      new Option('--log-level <level>', 'least level of log lines')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .action(async (options: { config?: string; logLevel: 'debug' | 'info' | 'warn' | 'error' }) => {
      // The other commands start in half the time without the chats' libraries.
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
    .description('report every mistake in the configuration, and where; run nothing')
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
    .option('-c, --config <file>', 'read `hub:` of this configuration')
    .option('--host <address>', 'the address to listen on (127.0.0.1)')
    .option('--port <number>', 'the port to listen on (28080)')
    .option(
      '--key-file <file>',
      'contains the key for clients; else LOOKOUT_HUB_KEY; without both a key is generated and shown',
    )
    // Every user of the machine could read it in `ps`.
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
            '--key would show the key to every user of this machine: set LOOKOUT_HUB_KEY, or name a file with --key-file\n',
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
    .description('all dead letters and failed events, oldest first; then the waiting deliveries by room')
    .addOption(config())
    .addOption(json())
    .action(async (options: { config?: string; json?: boolean }) => {
      code = await withStore(options.config, environment, terminal, (named) =>
        listCommand(named, options.json ?? false, terminal),
      );
    });
  for (const [what, does] of [
    ['retry', 'retry these, under new keys'],
    ['drop', 'give these up for good'],
  ] as const)
    outbox
      .command(what)
      .description(does)
      .argument('<id...>', 'the first column of `outbox list`, or `all`')
      .addOption(config())
      .action(async (ids: string[], options: { config?: string }) => {
        code = await withStore(options.config, environment, terminal, (store) =>
          handleCommand(store, what, ids, terminal),
        );
      });

  const subscriptions = program
    .command('subscriptions')
    .description('subscriptions made by commands in rooms: list, export');
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
    .description('changes made by commands in rooms, oldest first')
    .addOption(config())
    .addOption(json())
    .addOption(
      new Option('-n, --limit <number>', 'number of entries, from the newest').default(100).argParser((text) => {
        if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
        throw new InvalidArgumentError('expected a number from 1 to 9999999.');
      }),
    )
    .option('--room <address>', `only of this room, for example ${platforms[0]?.address.example}`)
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

/** Returns the configuration's file, or null after printing that there is none. */
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

/** Loads the configuration, prints every mistake in it, and continues only with a good one. */
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

/** Finds the store named in a configuration, without the parts that only `run` needs, above all secrets. */
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

/** Prints errors that a person must fix without a stack. */
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
    // Some terminals report 0.
    outColumns: (outIsTerminal && process.stdout.columns) || null,
  });
}

/**
 * Returns true if a closed terminal (SIGHUP) must end us as Ctrl-C does: if messages or the log are on it, or if we
 * were started in its foreground. A background job (`nohup npm start >log 2>&1 &`) continues; Node undoes the effect of
 * nohup.
 */
async function needsTerminal(): Promise<boolean> {
  return isatty(1) || isatty(2) || (isatty(0) && !(await isInBackground()));
}

/** Returns the input for the commands of console rooms. */
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

/** Writes to standard output; rejects when there is no reader any more. */
function write(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (err) => (err ? reject(err) : resolve()));
  });
}

/** Resolves when all output has been taken by its readers, or when there is no reader any more. */
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
