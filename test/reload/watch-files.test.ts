import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { watchFiles } from '../../src/reload/watch-files.ts';
import { folderWith } from '../config/config-files.ts';
import { createTestClock } from '../support/test-clock.ts';

let stop = async () => {};
afterEach(() => stop());

/** Watches a configuration with one template. `pass`: two seconds pass. */
async function start(isOn = () => true, { seconds } = { seconds: 2 }) {
  const folder = folderWith({ 'config.yaml': 'one', 'my-templates/post.hbs': 'one' });
  const clock = createTestClock();
  const stopping = new AbortController();
  let changes = 0;
  const onChange = () => void changes++;
  const watching = watchFiles({ file: join(folder, 'config.yaml'), isOn, onChange, clock }, stopping.signal);
  stop = async () => {
    stopping.abort();
    await watching;
  };
  /** Returns the number of changes that were noticed while these seconds passed. */
  async function pass(seconds: number): Promise<number> {
    const before = changes;
    for (let second = 0; second < seconds; second++) {
      // The files are looked at outside of the test's time.
      await new Promise((resolve) => setTimeout(resolve, 50));
      await clock.advance(1_000);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    return changes - before;
  }
  // On a busy machine a look takes longer; the first one counts as a change.
  do await pass(seconds);
  while (seconds > 0 && isOn() && changes === 0);
  return { folder, pass };
}

it('notices a change once, when the file is written to its end', async () => {
  const { folder, pass } = await start();
  expect(await pass(3)).toBe(0);
  writeFileSync(join(folder, 'config.yaml'), 'half');
  expect(await pass(1)).toBe(0);
  writeFileSync(join(folder, 'config.yaml'), 'half and whole');
  expect(await pass(1)).toBe(0);
  expect(await pass(3)).toBe(1);
});

it('takes the files for changed at first: they may have changed since they were read', async () => {
  const { folder, pass } = await start(() => true, { seconds: 0 });
  writeFileSync(join(folder, 'config.yaml'), 'two');
  expect(await pass(3)).toBe(1);
  expect(await pass(3)).toBe(0);
});

it.each([
  [
    'a file that is put in its place',
    (folder: string) => {
      writeFileSync(join(folder, 'new'), 'two');
      renameSync(join(folder, 'new'), join(folder, 'config.yaml'));
    },
  ],
  ['a file that others may read', (folder: string) => chmodSync(join(folder, 'config.yaml'), 0o640)],
  ['a template that changed', (folder: string) => writeFileSync(join(folder, 'my-templates/post.hbs'), 'two')],
  ['a template that is new', (folder: string) => writeFileSync(join(folder, 'my-templates/flag.hbs'), 'two')],
  ['a template that is gone', (folder: string) => rmSync(join(folder, 'my-templates/post.hbs'))],
  ['a folder of templates that is gone', (folder: string) => rmSync(join(folder, 'my-templates'), { recursive: true })],
])('notices %s', async (_, change) => {
  const { folder, pass } = await start();
  change(folder);
  expect(await pass(3)).toBe(1);
});

it('takes no notice of other files', async () => {
  const { folder, pass } = await start();
  mkdirSync(join(folder, 'other'));
  writeFileSync(join(folder, 'my-templates/post.hbs~'), 'two');
  expect(await pass(3)).toBe(0);
});

it('takes no notice while it is off, not even later of what changed meanwhile', async () => {
  let isOn = false;
  const { folder, pass } = await start(() => isOn);
  writeFileSync(join(folder, 'config.yaml'), 'two');
  expect(await pass(3)).toBe(0);
  isOn = true;
  expect(await pass(3)).toBe(0);
  writeFileSync(join(folder, 'config.yaml'), 'three');
  expect(await pass(3)).toBe(1);
});
