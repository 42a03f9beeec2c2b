import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { loadPlatform } from '../../src/adapters/author/load-platform.ts';
import { platforms as ours } from '../../src/adapters/platforms.ts';
import { type Loaded, loadConfig } from '../../src/config/load-config.ts';
import type { PlatformRules } from '../../src/config/platform.ts';
import type { Problem } from '../../src/config/problem.ts';
import { inputs } from '../../src/inputs/inputs.ts';

type Files = Readonly<Record<string, string | Uint8Array>>;

/** A folder of its own for the test that asks, with these files in it; it is gone after the test. */
export function folderWith(files: Files, mode?: number): string {
  const folder = makeFolder(files, mode);
  onTestFinished(() => remove(folder));
  return folder;
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

function makeFolder(files: Files, mode = 0o600): string {
  const folder = mkdtempSync(join(tmpdir(), 'lookout-config-'));
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    chmodSync(file, mode);
  }
  return folder;
}

export interface Read extends Loaded {
  /** Each problem as `line:column: wrong: right`, warnings with their word in front; other files by their name. */
  readonly said: readonly string[];
}

export interface ReadOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** More files beside the configuration. */
  readonly files?: Readonly<Record<string, string>>;
  readonly mode?: number;
  /** Default: those that Lookout has. */
  readonly platforms?: readonly PlatformRules[];
}

/** Loads this text as a configuration file. The file is gone afterwards. */
export function read(text: string | Uint8Array, options: ReadOptions = {}): Read {
  const { environment = {}, files = {}, mode, platforms = ours } = options;
  const folder = makeFolder({ ...files, 'config.yaml': text }, mode);
  const loaded = loadConfig(join(folder, 'config.yaml'), environment, { platforms, inputs, loadPlatform });
  remove(folder);
  const place = ({ file, line, column }: Problem) =>
    `${file.startsWith(folder) ? file.slice(folder.length + 1).replace(/^config\.yaml$/, '') : file}:${line}:${column}`;
  const said = loaded.problems.map(
    (problem) =>
      `${place(problem).replace(/^:/, '')}: ${problem.severity === 'warning' ? 'warning: ' : ''}${problem.wrong}: ${problem.right}`,
  );
  return { ...loaded, said };
}

/** A configuration in which nothing is wrong, up to `subscriptions`, which the test writes. */
export const head = `source: { url: demo }
store: memory
rooms:
  hq: console:hq
`;

/** With one subscription to hear, so that the absence of any is not warned of. */
export const good = `${head}subscriptions:
  - events: posts
    rooms: hq
`;
