import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Log } from '../log.ts';
import type { Secret } from '../secrets/secret.ts';
import type { Clock } from '../time/clock.ts';
import { startHub } from './hub.ts';
import { mintKey } from './mint-key.ts';
import { playSamples } from './play.ts';

/** The built-in hub behind `source.url: demo`. */
export interface DemoSource {
  /** Address of the hub, on a free port of this machine. */
  readonly url: string;
  /** Generated for this run. */
  readonly key: Secret;
  stop(): Promise<void>;
}

/** Starts a hub on loopback that plays sample events to clients that subscribe with its key. */
export async function startDemo(options: { clock: Clock; log: Log; catalogue: Catalogue }): Promise<DemoSource> {
  const key = mintKey('the demo');
  const hub = await startHub({ ...options, port: 0, keys: [key] });
  const samples = playSamples(hub, options.clock);
  return {
    url: hub.url,
    key,
    stop() {
      samples.stop();
      return hub.stop();
    },
  };
}
