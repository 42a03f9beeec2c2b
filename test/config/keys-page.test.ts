import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { allKeys } from './keys-page.ts';

const example = readFileSync(fileURLToPath(new URL('../../config.example.yaml', import.meta.url)), 'utf8');

/** The values that the example calls defaults, by the path of their key as the page has it. */
function defaultsOfExample(): readonly (readonly [string, string])[] {
  const above: { readonly indent: number; readonly key: string }[] = [];
  return example.split('\n').flatMap((line) => {
    const [, before = '', item = '', key, rest = ''] =
      /^( *)(?:# )?( *(?:- )?)([a-z_]+):(.*)$/.exec(line.replace(/^( *)# /, '$1')) ?? [];
    if (key === undefined || /# demo$/.test(line)) return [];
    const indent = before.length + item.length;
    while ((above.at(-1)?.indent ?? -1) >= indent) above.pop();
    above.push({ indent, key });
    const path = above
      .map((one) => one.key)
      .join('.')
      .replace(/^rooms\.\w+/, 'rooms.<name>')
      .replace(/^subscriptions\./, 'subscriptions[].');
    const [, value = ''] = /^ (.*?) +# default\b/.exec(rest) ?? [];
    return value === '' ? [] : [[path, value.replaceAll(/[[\]"]/g, '')] as const];
  });
}

it('has the defaults of config.example.yaml', () => {
  const keys = new Map(allKeys().map((key) => [key.path, key]));
  const inExample = defaultsOfExample().filter(([path]) => path !== 'store.url');
  expect(inExample.length).toBeGreaterThan(25);
  const differing = inExample.filter(([path, value]) => {
    const byDefault = keys.get(path)?.byDefault ?? '(no such default)';
    return value === '' ? !byDefault.startsWith('none') : !byDefault.startsWith(value);
  });
  expect(differing).toEqual([]);
});

it('has the units and bounds that errors name', () => {
  const values = new Map(allKeys().map(({ path, value }) => [path, value]));
  expect(values.get('source.backfill.max_age')).toBe('duration, 1m to 30d');
  expect(values.get('source.payload_limit')).toBe('size, 1KiB to 1GiB');
  expect(values.get('rooms.<name>.waves.digest_above')).toBe('whole number, 1 to 1000000');
});

it('says of every key what kind of value it takes and what it means', () => {
  expect(allKeys().filter(({ value, description }) => value === '' || description === '')).toEqual([]);
});
