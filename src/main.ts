import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { isatty } from 'node:tty';
import { Command, CommanderError } from 'commander';
import { addAudit } from './command-line/audit-command.ts';
import { isInBackground } from './command-line/background.ts';
import { addBackup } from './command-line/backup-command.ts';
import { addCheck } from './command-line/check.ts';
import { type CommandLine, configOption } from './command-line/command-line.ts';
import { addCompletion } from './command-line/completion-command.ts';
import { addDoctor } from './command-line/doctor-command.ts';
import { addExplain } from './command-line/explain.ts';
import { addGaps } from './command-line/gaps-command.ts';
import { addHub } from './command-line/hub-command.ts';
import { addInit } from './command-line/init/init-command.ts';
import { addLogLevel } from './command-line/log-level-command.ts';
import { addLogin } from './command-line/login-command.ts';
import { addMigrate } from './command-line/migrate-command.ts';
import { addMutes } from './command-line/mutes-command.ts';
import { npmMistake } from './command-line/npm-mistake.ts';
import { addOutbox } from './command-line/outbox-command.ts';
import { addPlatformTools } from './command-line/platform-tools.ts';
import { createQuestions } from './command-line/questions.ts';
import { addRecord } from './command-line/record.ts';
import { addReload } from './command-line/reload-command.ts';
import { addRender } from './command-line/render.ts';
import { addReplay } from './command-line/replay.ts';
import { addRun } from './command-line/run.ts';
import { Screen } from './command-line/screen.ts';
import { addStatus } from './command-line/status-command.ts';
import { addSubscriptions } from './command-line/subscriptions-command.ts';
import { createTerminal, type ExitCode, type Terminal } from './command-line/terminal.ts';
import { openTerminalInput } from './command-line/terminal-input.ts';
import { addTest } from './command-line/test-command.ts';
import { systemClock } from './time/clock.ts';

type Environment = Readonly<Record<string, string | undefined>>;

type Signals = Pick<CommandLine, 'onSignal' | 'onReload'>;

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
  const screen = createScreen(environment);
  const terminal = terminalOf(environment, screen);
  const endsWithTerminal = await needsTerminal();
  // A reader that goes away (`| head`) is not an error of ours; adapters notice it in their own writes.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    const signals: Signals = {
      onSignal(callback) {
        for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, callback);
        // Without a terminal that was closed it is for `onReload`.
        process.on('SIGHUP', () => (endsWithTerminal && !hasTerminal() ? callback() : undefined));
        onHearing();
      },
      onReload: (callback) =>
        void process.on('SIGHUP', () => (hasTerminal() || !endsWithTerminal ? callback() : undefined)),
    };
    process.exitCode = await execute(argv, environment, { terminal, screen }, signals);
  } catch (err) {
    if (!(err instanceof CommanderError)) throw err;
    process.exitCode = err.exitCode === 0 ? 0 : 2;
  }
}

async function execute(
  argv: readonly string[],
  environment: Environment,
  { terminal, screen }: { readonly terminal: Terminal; readonly screen: Screen | null },
  signals: Signals,
): Promise<ExitCode> {
  const mistake = argv[2] === 'run' ? npmMistake(argv.slice(3), environment) : null;
  if (mistake !== null) {
    terminal.err(`${mistake}\n`);
    return 2;
  }
  let code: ExitCode = 0;
  const line: CommandLine = {
    ...{ environment, terminal, ...signals, flushed, version: version() },
    write: (text) => above(screen, () => write(text)),
    end(exitCode) {
      code = exitCode;
    },
    onFailure: (callback) => void process.on('uncaughtException', callback),
    exitNow: (exitCode) => process.exit(exitCode),
    openInput: () => openInput(screen),
    openQuestions: () => createQuestions({ input: process.stdin, terminal, isPerson: isatty(0) && isatty(2) }),
  };
  const program = createProgram(line);
  const commands = [
    addRun,
    addCheck,
    addInit,
    addRender,
    addRecord,
    addReplay,
    addLogin,
    addExplain,
    addHub,
    addOutbox,
    addSubscriptions,
    addGaps,
    addAudit,
    addLogLevel,
    addMutes,
    addStatus,
    addTest,
    addCompletion,
    addReload,
    addPlatformTools,
    addBackup,
    addMigrate,
    addDoctor,
  ];
  for (const add of commands) add(program, line);
  await program.parseAsync([...argv]);
  return code;
}

/** Makes the command line without its commands. */
function createProgram({ terminal, version: number }: CommandLine): Command {
  const program = new Command('lookout')
    .description(
      'Tells chat rooms what happens on metasmoke.\n\nExit codes: 0 done, 1 a negative answer or a failure, 2 wrong usage or configuration.',
    )
    .version(number)
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .showHelpAfterError('(lookout --help shows all commands)');
  // Commander assigns an option of the program to the program, even after a command that has the option, too.
  return program.addOption(configOption()).hook('preAction', (_program, command) => {
    const { config: named } = program.opts<{ config?: string }>();
    if (named !== undefined) command.setOptionValue('config', named);
  });
}

/** Makes the line that a person writes in; null if there is no terminal that can show it. */
function createScreen({ TERM: kind }: Environment): Screen | null {
  if (!isatty(0) || !isatty(1) || kind === 'dumb' || kind === undefined) return null;
  return new Screen({
    ...terminalParts,
    keyboard: process.stdin,
    output: process.stdout,
    // Zero is the group of this process: npm ends and stops, too.
    signal: (name) => void process.kill(0, name),
  });
}

function above<T>(screen: Screen | null, print: () => T): T {
  return screen === null ? print() : screen.above(print);
}

function terminalOf(environment: Environment, screen: Screen | null): Terminal {
  const errIsTerminal = process.stderr.isTTY ?? false;
  const outIsTerminal = process.stdout.isTTY ?? false;
  const forced = (environment.FORCE_COLOR ?? '') !== '' && environment.FORCE_COLOR !== '0';
  const wanted = forced || ((environment.NO_COLOR ?? '') === '' && environment.TERM !== 'dumb');
  return createTerminal({
    writeOut: (text) => void above(screen, () => process.stdout.write(text)),
    writeErr: (text) =>
      void (errIsTerminal ? above(screen, () => process.stderr.write(text)) : process.stderr.write(text)),
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

/** Returns true if one of our streams is a terminal that is open: a closed one is none any more. */
function hasTerminal(): boolean {
  return [0, 1, 2].some((stream) => isatty(stream));
}

/** Returns the input for the commands of console rooms. */
function openInput(screen: Screen | null): Readable {
  if (!isatty(0)) return process.stdin;
  return screen?.openInput() ?? openTerminalInput({ ...terminalParts, terminal: process.stdin, onTurn() {} });
}

const terminalParts = {
  isInBackground,
  onContinue: (callback: () => void) => {
    process.on('SIGCONT', callback);
    return () => process.off('SIGCONT', callback);
  },
  clock: systemClock,
};

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
