import type { PingReader } from '../../catalogue/source-api.ts';
import type { CurrentConfig } from '../../config/per-config.ts';
import type { Clock } from '../../time/clock.ts';

/** The reader of the newest pings of detectors, whose API may change while Lookout runs. */
export interface Pings {
  /** Returns null if there is no API, or if it does not list pings. */
  reader(): PingReader | null;
  /** Asks the API of the configuration in effect from now on. */
  configure(): void;
  stop(): void;
}

export function createPings(config: CurrentConfig, clock: Clock): Pings {
  let reader = create();

  function create(): PingReader | null {
    const { source, network, catalogue } = config();
    const { api, key, kind } = source;
    return api === null || key === null ? null : kind.createPingReader({ api, key, network, clock, catalogue });
  }

  return {
    reader: () => reader,
    configure() {
      reader?.close();
      reader = create();
    },
    stop: () => reader?.close(),
  };
}
