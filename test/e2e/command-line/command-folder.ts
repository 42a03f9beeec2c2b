import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach } from 'vitest';
import { type Hub, startHub } from '../../../src/hub/hub.ts';
import { silentLog } from '../../../src/log.ts';
import { createCatalogue } from '../../../src/metasmoke/catalogue.ts';
import { Secret } from '../../../src/secrets/secret.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { type Child, startChild } from '../../support/child.ts';

/** The program that is run as `lookout`. */
export const program = fileURLToPath(new URL('../../../src/lookout.js', import.meta.url));
/** The hub's key. */
export const key = 'a-key-that-nobody-may-see';

/** A folder in which `lookout` runs, and a hub as its source. */
export interface CommandFolder {
  readonly folder: string;
  /** Processes to end after the test, like those of `lookout`. */
  readonly children: Child[];
  /** Starts `lookout <args>` in the folder, with an environment of its own. */
  lookout(args: readonly string[], env?: Readonly<Record<string, string>>): Child;
  /** Writes `config.yaml`. */
  configure(text: string): void;
  /** Returns a configuration with the hub as source that shows announcements in a console room. */
  usual(more?: string): string;
  announce(id: number, text: string): void;
  /** Resolves once a `run` is subscribed to the hub. */
  subscribed(child: Child): Promise<string>;
  /** Returns the state of each delivery in the database, even during a run. */
  states(): string[];
}

/** Gives each test of the file its own folder and hub. */
export function useCommandFolder(): CommandFolder {
  let folder: string;
  let hub: Hub;
  let children: Child[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lookout-cli-'));
    children = [];
    const keys = [new Secret(key, 'the test')];
    hub = await startHub({ port: 0, keys, clock: systemClock, log: silentLog, catalogue: createCatalogue() });
  });
  afterEach(async () => {
    for (const child of children) await child.end('SIGKILL');
    await hub.stop();
    rmSync(folder, { recursive: true });
  });

  // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's way to name a variable.
  const keyFromEnvironment = '${KEY}';
  return {
    get folder() {
      return folder;
    },
    get children() {
      return children;
    },
    lookout(args, env = {}) {
      const child = startChild(process.execPath, [program, ...args], {
        cwd: folder,
        env: { PATH: process.env.PATH, KEY: key, ...env },
      });
      children.push(child);
      return child;
    },
    configure: (text) => writeFileSync(join(folder, 'config.yaml'), text),
    usual: (more = '') => `source: { url: "${hub.url}", key: "${keyFromEnvironment}" }
store: sqlite:lookout.db
rooms: { here: "console:here" }
subscriptions: [{ events: announcements, rooms: here }]
${more}`,
    announce: (id, text) =>
      void hub.publish({ event_type: 'create', event_class: 'Announcement', object: { id, text } }),
    subscribed: (child) => child.waitForLine((line) => line.includes('"state":"subscribed"'), 'the subscription'),
    states() {
      const database = new DatabaseSync(join(folder, 'lookout.db'), { readOnly: true, timeout: 5_000 });
      const rows = database.prepare('select state from deliveries order by id').all();
      database.close();
      return rows.map((row) => String(row.state));
    },
  };
}
