import type { CurrentConfig } from '../config/per-config.ts';
import type { TellOperators } from '../notices/operator-notices.ts';
import type { LastReload } from '../reload/last-reload.ts';
import { Reloader, type ReloaderOptions } from '../reload/reloader.ts';
import { watchFiles } from '../reload/watch-files.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { AppOptions } from './options.ts';

export interface ReloadingParts {
  readonly config: CurrentConfig;
  readonly apply: ReloaderOptions['apply'];
  readonly tell: TellOperators;
  readonly lastReload: LastReload;
}

/** Lets the configuration change while Lookout runs. Null: it cannot be read again. */
export function startReloading(
  { readConfig: read, platforms, clock, log }: Pick<AppOptions, 'readConfig' | 'platforms' | 'clock' | 'log'>,
  { config, apply, tell, lastReload }: ReloadingParts,
  lifecycle: Pick<Lifecycle, 'onDrain'>,
): Reloader | null {
  if (read === null) return null;
  const onEnd: ReloaderOptions['onEnd'] = (reloaded) => lastReload.ended(reloaded);
  const reloader = new Reloader({ config, read, platforms, apply, onEnd, tell, clock, log });
  // The process before may have refused this configuration, or a part of it.
  tell('taken', 'The configuration is in order and in effect.', { corrects: 'configuration' });
  const stopping = new AbortController();
  const watching = watchFiles(
    {
      file: config().file,
      isOn: () => config().watchesFiles,
      onChange: () => void reloader.reload('a changed file'),
      clock,
    },
    stopping.signal,
  );
  lifecycle.onDrain('the reload', async () => {
    stopping.abort();
    await Promise.all([watching, reloader.stop()]);
  });
  return reloader;
}
