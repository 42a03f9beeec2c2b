import { expect, it } from 'vitest';
import { platforms } from '../../src/adapters/platforms.ts';
import { createMonitoring } from '../../src/app/monitoring.ts';
import { silentLog } from '../../src/log.ts';
import { systemClock } from '../../src/time/clock.ts';
import { good, read } from '../config/config-files.ts';

it('a process of several is not ready while the database does not answer', async () => {
  const said: string[] = [];
  const log = { ...silentLog, info: (fields: object) => void said.push((fields as { url?: string }).url ?? '') };
  const config = { ...read(good).config!, metrics: { host: '127.0.0.1', port: 0, names: [] } };
  const process = { lastReload: () => ({ isGood: true, goodAt: 0 }), units: () => [], configDiffers: () => false };
  const monitoring = await createMonitoring({ config, platforms, version: '1', process, clock: systemClock, log });
  await monitoring.start(() => config);
  const ready = async () => (await fetch(`${said[0]}/readyz`)).text();
  try {
    expect(await ready()).toContain('this process stands by: other ones work');
    monitoring.databaseAway(true);
    expect(await ready()).toContain('the database does not answer');
    monitoring.databaseAway(false);
    expect(await ready()).toContain('stands by');
  } finally {
    await monitoring.stop();
  }
});
