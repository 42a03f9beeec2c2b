import type { CurrentConfig } from '../../config/per-config.ts';
import { createDetails, type Details, type DetailsOptions } from './fetch-details.ts';

export interface DetailsInEffectOptions extends Omit<DetailsOptions, 'config'> {
  readonly config: CurrentConfig;
}

/** The details input, whose API and limits may change while Lookout runs. */
export interface DetailsInEffect extends Details {
  /** Asks by the configuration in effect from now on. What is wanted is in the store. */
  configure(): Promise<void>;
}

export function createDetailsInEffect(options: DetailsInEffectOptions): DetailsInEffect {
  let details = createDetails({ ...options, config: options.config() });
  let state: 'made' | 'started' | 'stopped' = 'made';
  return {
    start() {
      state = 'started';
      details.start();
    },
    look: () => details.look(),
    check: (subject) => details.check(subject),
    refresh: () => details.refresh(),
    async stop() {
      state = 'stopped';
      await details.stop();
    },
    async configure() {
      await details.stop();
      if (state === 'stopped') return;
      details = createDetails({ ...options, config: options.config() });
      if (state === 'started') details.start();
    },
  };
}
