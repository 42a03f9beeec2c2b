import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadTemplates } from '../../src/render/load-templates.ts';
import { readTextFile } from '../../src/text/read-text-file.ts';

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-read-'));
  execFileSync('mkfifo', [at('pipe')]);
});
afterEach(() => rmSync(folder, { recursive: true }));

const wrong = (path: string) => {
  const read = readTextFile(path, 1_000);
  return read.outcome === 'unreadable' ? `${read.wrong}: ${read.right}` : read.text;
};

it('returns the content of a file, up to the limit', () => {
  writeFileSync(at('k'), '\ufeffhush\n');
  expect(wrong(at('k'))).toBe('hush\n');
  writeFileSync(at('k'), 'x'.repeat(1_000));
  expect(wrong(at('k'))).toHaveLength(1_000);
  writeFileSync(at('k'), 'x'.repeat(1_001));
  expect(wrong(at('k'))).toMatch('larger than');
});

it('does not wait for a writer of a pipe, even behind a link', () => {
  expect(wrong(at('pipe'))).toBe('this is a pipe: name a file');
  symlinkSync('pipe', at('link'));
  expect(wrong(at('link'))).toBe('this is a pipe: name a file');
});

it('reads nothing from a pipe with a writer', () => {
  const held = openSync(at('pipe'), constants.O_RDWR | constants.O_NONBLOCK);
  writeSync(held, 'hush');
  expect(wrong(at('pipe'))).toBe('this is a pipe: name a file');
  closeSync(held);
});

it.each(['/dev/zero', '/dev/null', '/dev/tty'])('reads no device: %s', (path) => {
  expect(wrong(path)).toMatch(/^this is (?:a socket or )?a device: name a file$/);
});

it('reads no socket and no folder', async () => {
  const server = createServer().listen(at('socket'));
  await new Promise((resolve) => server.once('listening', resolve));
  expect(wrong(at('socket'))).toBe('this is a socket or a device: name a file');
  await new Promise((resolve) => server.close(resolve));
  expect(wrong(folder)).toBe('this is a folder: name a file in it');
});

it('reads no more than the limit of a file of a terabyte', () => {
  const held = openSync(at('big'), 'w');
  ftruncateSync(held, 2 ** 40);
  closeSync(held);
  const before = process.memoryUsage().arrayBuffers;
  expect(wrong(at('big'))).toMatch('larger than');
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
});

it('describes a template that is not a file, and goes on', () => {
  mkdirSync(at('a.hbs'));
  execFileSync('mkfifo', [at('b.hbs')]);
  symlinkSync('/dev/zero', at('c.hbs'));
  writeFileSync(at('d.hbs'), '{{object.id}}');
  const { templates, problems } = loadTemplates([folder]);
  expect(templates.names).toEqual(['d']);
  expect(problems.map(({ wrong }) => wrong)).toEqual(['this is a folder', 'this is a pipe', 'this is a device']);
});
