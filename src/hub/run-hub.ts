import { createLog } from '../log.ts';
import { createCatalogue } from '../metasmoke/catalogue.ts';
import type { Secret } from '../secrets/secret.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { type Hub, startHub } from './hub.ts';
import { mintKey } from './mint-key.ts';
import { playSamples } from './play.ts';

/** Default port of `lookout hub`; not registered with IANA. */
export const defaultHubPort = 28_080;

export interface RunHubOptions {
  /** Default `127.0.0.1`: reachable from this machine only. */
  readonly host?: string;
  /** Default 28080; 0 takes any free port. */
  readonly port?: number;
  /** Null: a key is generated and shown once. */
  readonly key: Secret | null;
  /** Play sample events while at least one client is subscribed. */
  readonly demo: boolean;
  /** Serve metasmoke's legacy streams to clients that name no events. */
  readonly legacy: boolean;
  /** Destination of messages and log lines: the terminal of the command line. */
  readonly terminal: {
    err(text: string): void;
    styled(text: string): void;
    readonly errIsTerminal: boolean;
    readonly errColor: boolean;
  };
  /** Default: the system clock. */
  readonly clock?: Clock;
}

/**
 * Runs `lookout hub`: starts a hub and prints how to receive and send events, ready to paste.
 *
 * @throws HubStartError if it cannot listen, or if the key is empty.
 */
export async function runHub(options: RunHubOptions): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const { host = '127.0.0.1', port = defaultHubPort, demo, legacy, terminal, clock = systemClock } = options;
  const key = options.key ?? mintKey('lookout hub');
  const log = createLog({
    write: terminal.styled,
    forPeople: terminal.errIsTerminal,
    color: terminal.errColor,
    level: 'info',
    secrets: () => [key],
  });
  const hub = await startHub({
    host,
    port,
    keys: [key],
    clock,
    log,
    catalogue: createCatalogue(),
    servesLegacy: legacy,
  });
  terminal.err(howTo(hub, options.key === null ? key.reveal() : null, demo));
  const samples = demo ? playSamples(hub, clock) : null;
  return {
    url: hub.url,
    stop() {
      samples?.stop();
      return hub.stop();
    },
  };
}

/**
 * Returns the instructions. `minted`: the generated key, which must be shown because it is not stored anywhere; null if
 * the user gave one.
 */
function howTo(hub: Hub, minted: string | null, demo: boolean): string {
  const events = hub.url.replace(/^ws/, 'http').replace(/cable$/, 'events');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's way to name a variable.
  const yamlKey = minted ?? '${LOOKOUT_HUB_KEY}';
  const shellKey = minted ?? '$LOOKOUT_HUB_KEY';
  return [
    `The hub serves metasmoke's WebSocket API at ${hub.url}`,
    demo ? 'It plays sample events while a client is subscribed.' : 'It passes on the events that it receives.',
    ...(minted === null ? ['Below, LOOKOUT_HUB_KEY stands for your key.'] : []),
    '',
    'To receive events, in the config.yaml of a Lookout:',
    '',
    'source:',
    `  url: ${hub.url}`,
    `  key: "${yamlKey}"`,
    '',
    'To send an event:',
    '',
    // Every user of the machine can read an argument of `curl`, but not the input of the shell's own printf.
    `printf 'Authorization: Bearer %s' "${shellKey}" | curl ${events} -H @- \\`,
    `  --data-binary '{"event_type":"create","event_class":"Announcement","object":{"id":1,"text":"Hello"}}'`,
    '',
    'Ctrl-C stops it.',
    '',
    '',
  ].join('\n');
}
