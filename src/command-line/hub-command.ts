import type { Config } from '../config/config.ts';
import { HubStartError } from '../hub/hub-start-error.ts';
import { defaultHubPort, runHub } from '../hub/run-hub.ts';
import { Secret } from '../secret.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** What the command line says; null where it says nothing. */
export interface HubArguments {
  readonly host: string | null;
  readonly port: string | null;
  readonly key: string | null;
  readonly demo: boolean;
}

/**
 * `lookout hub`: serves until `untilStopped` resolves. What the command line says wins over the configuration's `hub:`,
 * if one was named. Exit 1 where it cannot listen, 2 for a port that is none.
 */
export async function hubCommand(
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
  const key = said.key === null ? (config?.hub.key ?? null) : new Secret(said.key, '--key or LOOKOUT_HUB_KEY');
  const host = said.host ?? config?.hub.host ?? '127.0.0.1';
  try {
    const hub = await runHub({ host, port, key, demo: said.demo, terminal });
    await untilStopped;
    await hub.stop();
    return 0;
  } catch (err) {
    if (!(err instanceof HubStartError)) throw err;
    terminal.err(`${err.message}\n`);
    return 1;
  }
}
