import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeOverPrivately } from '../../src/secrets/write-private-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('writes a file for its owner alone, also over one that others could read', () => {
  const file = join(folder, 'report.json');
  for (const there of [null, 'a longer text that was there']) {
    rmSync(file, { force: true });
    if (there !== null) writeFileSync(file, there);
    if (there !== null) chmodSync(file, 0o666);
    writeOverPrivately(file, 'the report');
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['the report', 0o600]);
  }
});

it('leaves a device as it is', () => {
  const before = statSync('/dev/null').mode;
  writeOverPrivately('/dev/null', 'the report');
  expect(statSync('/dev/null').mode).toBe(before);
});
