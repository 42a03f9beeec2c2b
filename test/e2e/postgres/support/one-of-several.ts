import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { safeguards } from '../../../../src/app/safeguards.ts';
import { UnitProcess } from '../../../../src/app/unit-process.ts';
import { extensions } from '../../../../src/command-line/extensions.ts';
import { loadConfig } from '../../../../src/config/load-config.ts';
import { silentLevel } from '../../../../src/log.ts';
import { takeLease } from '../../../../src/store/postgres/take-lease.ts';
import { systemClock } from '../../../../src/time/clock.ts';

/** One process of several on a database, in this one. */
export interface One {
  readonly process: UnitProcess;
  readonly said: string[];
  readonly printed: string[];
  /** The leader and the accounts that it has, sorted. */
  names(): readonly string[];
}

const usual = 'rooms: { hq: "console:hq" }\nsubscriptions: [{ events: posts, rooms: hq }]';

/** Reads a configuration with this address of the store. */
export function configOf(store: string, text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'lookout-units-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'config.yaml');
  writeFileSync(file, `source: { url: demo }\nstore: ${store}\n${text}`);
  const { config } = loadConfig(file, {}, extensions);
  if (config === null || config.store.kind !== 'postgres') throw new Error('the configuration is wrong');
  return { ...config, store: config.store };
}

/** One process of several, in this one. `more`: lines of its configuration that others may not have, behind its `rooms`. */
export async function startOne(store: string, more = '', take = takeLease, rooms = usual): Promise<One> {
  const config = configOf(store, `${rooms}\n${more}`);
  const [said, printed] = [[] as string[], [] as string[]];
  const say = (_: object, text: string) => void said.push(text);
  const process = new UnitProcess({
    config,
    log: { debug: vi.fn(), info: say, warn: say, error: say },
    ...{ logLevel: silentLevel, clock: systemClock, readConfig: null, color: false, columns: null },
    ...{ write: async (text: string) => void printed.push(text), input: null, version: 'test', safeguards },
    ...{ ...extensions, takeLease: take, onUnits() {} },
  });
  onTestFinished(() => process.stop(1_000));
  await process.start();
  const names = () => process.units.map(({ name }) => name).sort();
  return { process, said, printed, names };
}
