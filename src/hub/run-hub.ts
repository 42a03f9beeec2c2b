import { createLog } from '../log.ts';
import { createCatalogue } from '../metasmoke/catalogue.ts';
import type { Secret } from '../secrets/secret.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { type Hub, startHub } from './hub.ts';
import { mintKey } from './mint-key.ts';
import { playSamples } from './play.ts';

/** The port of `lookout hub` where nothing else is said; registered to nobody. */
export const defaultHubPort = 28_080;

export interface RunHubOptions {
  /** Default `127.0.0.1`: this machine alone. */
  readonly host?: string;
  /** Default 28080; 0 takes any that is free. */
  readonly port?: number;
  /** Null: one is made, and shown once. */
  readonly key: Secret | null;
  /** Play sample events while somebody listens. */
  readonly demo: boolean;
  /** Where the talk and the log go, as the command line's terminal has them. */
  readonly terminal: {
    err(text: string): void;
    styled(text: string): void;
    readonly errIsTerminal: boolean;
    readonly errColor: boolean;
  };
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/**
 * `lookout hub`: starts a hub and says how to listen and how to tell, in lines to paste.
 *
 * @throws HubStartError where it cannot listen, or where the key is empty.
 */
export async function runHub(options: RunHubOptions): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const { host = '127.0.0.1', port = defaultHubPort, demo, terminal, clock = systemClock } = options;
  const key = options.key ?? mintKey('lookout hub');
  const log = createLog({
    write: terminal.styled,
    forPeople: terminal.errIsTerminal,
    color: terminal.errColor,
    level: 'info',
    secrets: () => [key],
  });
  const hub = await startHub({ host, port, keys: [key], clock, log, catalogue: createCatalogue() });
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

/** `minted`: the key that has to be shown since nobody else knows it; null where the user brought one. */
function howTo(hub: Hub, minted: string | null, demo: boolean): string {
  const events = hub.url.replace(/^ws/, 'http').replace(/cable$/, 'events');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's way to name a variable.
  const yamlKey = minted ?? '${LOOKOUT_HUB_KEY}';
  const shellKey = minted ?? '$LOOKOUT_HUB_KEY';
  return [
    `The hub serves metasmoke's WebSocket API at ${hub.url}`,
    demo ? 'It plays sample events while somebody listens.' : 'It passes on what it is told.',
    ...(minted === null ? ['Below, LOOKOUT_HUB_KEY stands for the key that you gave.'] : []),
    '',
    'To listen, in the config.yaml of a Lookout:',
    '',
    'source:',
    `  url: ${hub.url}`,
    `  key: "${yamlKey}"`,
    '',
    'To tell it something:',
    '',
    // An argument of `curl` can be read by everybody on the machine, what the shell's own printf says cannot.
    `printf 'Authorization: Bearer %s' "${shellKey}" | curl ${events} -H @- \\`,
    `  --data-binary '{"event_type":"create","event_class":"Announcement","object":{"id":1,"text":"Hello"}}'`,
    '',
    'Ctrl-C ends it.',
    '',
    '',
  ].join('\n');
}
