import { type Command, Option } from 'commander';
import type { Config } from '../config/config.ts';
import { problemOf, readSecretFile } from '../config/read-secret.ts';
import { HubStartError } from '../hub/hub-start-error.ts';
import { defaultHubPort, runHub } from '../hub/run-hub.ts';
import { Secret } from '../secrets/secret.ts';
import { type CommandLine, withConfig } from './command-line.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** The arguments; null for a missing one. */
export interface HubArguments {
  readonly host: string | null;
  readonly port: string | null;
  /** A file that contains the key. */
  readonly keyFile: string | null;
  /** The environment's `LOOKOUT_HUB_KEY`. */
  readonly keyVariable: string | null;
  readonly demo: boolean;
  readonly legacy: boolean;
}

/**
 * Runs `lookout hub` until `untilStopped` resolves. Arguments take precedence over the environment, and that over the
 * configuration's `hub:`, if one was given. Exits with 1 if it cannot listen, with 2 for an invalid port or key.
 */
async function hubCommand(
  said: HubArguments,
  config: Config | null,
  untilStopped: Promise<void>,
  terminal: Terminal,
): Promise<ExitCode> {
  const port = said.port === null ? (config?.hub.port ?? defaultHubPort) : Number(said.port);
  if (said.port !== null && (!/^\d{1,5}$/.test(said.port) || port > 65_535)) {
    terminal.err(`--port ${said.port}: not a port: give a number from 0 (any free one) to 65535\n`);
    return 2;
  }
  const key = keyOf(said, config, terminal);
  if (key === 'wrong') return 2;
  const host = said.host ?? config?.hub.host ?? '127.0.0.1';
  try {
    const hub = await runHub({
      host,
      port,
      key,
      demo: said.demo,
      legacy: said.legacy || config?.hub.legacy === true,
      terminal,
    });
    await untilStopped;
    await hub.stop();
    return 0;
  } catch (err) {
    if (!(err instanceof HubStartError)) throw err;
    terminal.err(`${err.message}\n`);
    return 1;
  }
}

/** Returns the key; `wrong` if an error was printed. */
function keyOf({ keyFile, keyVariable }: HubArguments, config: Config | null, terminal: Terminal) {
  if (keyFile !== null) {
    const read = readSecretFile(keyFile, 'key');
    if (read.outcome === 'wrong') {
      terminal.err(`--key-file ${keyFile}: ${read.wrong}: ${read.right}\n`);
      return 'wrong';
    }
    if (read.othersRead !== null)
      terminal.err(`warning: others can read ${keyFile} (mode ${read.othersRead}): chmod 600 ${keyFile}\n`);
    return new Secret(read.value, `--key-file ${keyFile}`);
  }
  if (keyVariable === null) return config?.hub.key ?? null;
  const problem = problemOf(keyVariable, 'key');
  if (problem === null) return new Secret(keyVariable, 'LOOKOUT_HUB_KEY');
  terminal.err(`LOOKOUT_HUB_KEY: ${problem}: set it to a key, or unset it\n`);
  return 'wrong';
}

/** Adds `lookout hub`. */
export function addHub(program: Command, line: CommandLine): void {
  const { environment, terminal } = line;
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
    .option('--legacy', 'also serve the streams of clients that name no events, such as the userscripts FIRE and AIM')
    .action(
      async (options: {
        config?: string;
        host?: string;
        port?: string;
        keyFile?: string;
        key?: unknown;
        demo?: boolean;
        legacy?: boolean;
      }) => {
        const { host = null, port = null, keyFile = null, demo = false, legacy = false } = options;
        if (options.key !== undefined) {
          terminal.err(
            '--key would show the key to every user of this machine: set LOOKOUT_HUB_KEY, or name a file with --key-file\n',
          );
          return line.end(2);
        }
        const said = { host, port, keyFile, keyVariable: environment.LOOKOUT_HUB_KEY ?? null, demo, legacy };
        const serve = (loaded: Config | null) =>
          hubCommand(said, loaded, new Promise((resolve) => line.onSignal(resolve)), terminal);
        line.end(options.config === undefined ? await serve(null) : await withConfig(line, options.config, serve));
      },
    );
}
