import { Reloader, type ReloaderOptions } from '../reload/reloader.ts';
import { watchFiles } from '../reload/watch-files.ts';
import { type ApplyParts, createApply } from './apply-config.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { AppOptions } from './options.ts';

/** Lets the configuration change while Lookout runs. Null: it cannot be read again. */
export function startReloading(options: AppOptions, parts: ApplyParts, lifecycle: Lifecycle): Reloader | null {
  const { readConfig: read, platforms, clock, log } = options;
  if (read === null) return null;
  const { inEffect, config } = parts.base;
  const onEnd: ReloaderOptions['onEnd'] = ({ outcome }) => {
    const isGood = outcome === 'applied';
    inEffect.lastReload = { isGood, goodAt: isGood ? clock.wall() : inEffect.lastReload.goodAt };
  };
  const { tell } = parts.delivery;
  const reloader = new Reloader({
    config,
    read,
    platforms,
    apply: createApply(options, parts),
    onEnd,
    tell,
    clock,
    log,
  });
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
