// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${NAME}` is what a configuration says
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatProblem } from '../../src/config/problem.ts';
import { cpuNow } from '../support/cpu-time.ts';
import { read } from './config-files.ts';

const example = readFileSync(fileURLToPath(new URL('../../config.example.yaml', import.meta.url)), 'utf8');
const real = example.replaceAll(/^( *)# ( *[a-z_]+:)/gm, '$1$2');
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000_007);
const numRuns = Number(process.env.FUZZ_RUNS ?? 100);

/** Signs that mean something to YAML, to variables, to event specs or to conditions, and some that mean nothing anywhere. */
const pieces = fc.oneof(
  fc.constantFrom(
    ...'!&*?|>-{}[],:#@`"\'%\\\t\n\r $;=<~\0\u2028\ufeff😀',
    ': ',
    ' #',
    '${',
    '${X}',
    '$${',
    '- ',
    '\n  ',
    '---\n',
    '<<: ',
    '&a ',
    '*a',
    '!!',
    '!!binary ',
    '__proto__',
    '.inf',
    '0x',
    '1e999',
    '123456789012345678',
    '\ud800',
  ),
  fc.string({ maxLength: 6 }),
);

interface Change {
  readonly at: number;
  readonly drop: number;
  readonly insert: string;
}
const changes = fc.array(
  fc.record({
    at: fc.nat(real.length),
    drop: fc.oneof({ weight: 4, arbitrary: fc.nat(3) }, fc.nat(200)),
    insert: pieces,
  }),
  { minLength: 1, maxLength: 6 },
);

const mutate = (text: string, list: readonly Change[]) =>
  list.reduce(
    (now, { at, drop, insert }) =>
      now.slice(0, at % (now.length + 1)) + insert + now.slice((at % (now.length + 1)) + drop),
    text,
  );

it(`never throws, whatever is in the file, and points into the file (seed ${seed})`, () => {
  let refused = 0;
  fc.assert(
    fc.property(changes, fc.constantFrom(example, real), (list, text) => {
      const mutated = mutate(text, list).toWellFormed();
      const { config, problems } = read(mutated, {
        environment: { X: 'x"\n- y: {', METASMOKE_KEY: 'k', MATRIX_TOKEN: 't' },
      });
      const lines = mutated.replace(/^\ufeff/, '').split('\n');
      for (const problem of problems) {
        expect(problem.line).toBeGreaterThan(0);
        expect(problem.line).toBeLessThanOrEqual(lines.length);
        expect(problem.column).toBeGreaterThan(0);
        expect(problem.column).toBeLessThanOrEqual(lines[problem.line - 1]!.length + 1);
        expect(problem.wrong).not.toBe('');
        expect(problem.right).not.toBe('');
        expect(formatProblem(problem)).not.toContain('\n');
        // The name of the test's folder is random.
        expect(formatProblem({ ...problem, file: 'config.yaml' })).not.toMatch(/undefined|\[object|NaN/);
      }
      const hasErrors = problems.some(({ severity }) => severity === 'error');
      expect(config === null).toBe(hasErrors);
      if (hasErrors) refused++;
    }),
    { seed, numRuns },
  );
  expect(refused).toBeGreaterThan(numRuns / 4);
});

it(`never throws for bytes of any kind (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(read(bytes).config).toBeNull();
    }),
    { seed, numRuns: 50 },
  );
});

it.each([
  ['brackets in brackets', '['.repeat(50_000)],
  ['lists in lists', '- '.repeat(50_000)],
  ['keys without end', Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n')],
  ['colons without end', 'a: '.repeat(10_000)],
  ['variables without quotes', '- { a: ${X}, b: ${Y} }\n'.repeat(2_000)],
  ['variables in one text', `a: "${'${X}'.repeat(50_000)}"`],
  ['wrong lines', 'a: b: c\n'.repeat(5_000)],
])('takes bounded time for %s', (_, text) => {
  const start = cpuNow();
  expect(read(text).config).toBeNull();
  expect(cpuNow() - start).toBeLessThan(5_000);
});
