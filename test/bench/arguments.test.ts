import { describe, expect, it } from 'vitest';
import { readArguments } from './arguments.ts';
import { rows } from './rows.ts';

const read = (...args: readonly string[]) => readArguments(args, rows, {});
const names = (wish: ReturnType<typeof read>) => (wish.kind === 'measure' ? wish.rows.map(({ name }) => name) : wish);

describe('the command line of the bench', () => {
  it('measures every row in full without arguments', () => {
    expect(read()).toEqual({ kind: 'measure', rows, mode: 'full', writes: false });
  });

  it('measures the named rows and groups, in the order of the table', () => {
    expect(names(read('waiting', 'quiet', 'ingestion'))).toEqual([
      'ingestion',
      'quiet-matrix',
      'quiet-discord',
      'waiting',
    ]);
  });

  it('lists the rows if a named one does not exist', () => {
    const wish = read('bursts');
    expect(wish).toMatchObject({ kind: 'wrong' });
    for (const { name } of rows) expect(JSON.stringify(wish)).toContain(name);
  });

  it('writes all rows, or those that are named', () => {
    expect(read('--write')).toMatchObject({ mode: 'full', writes: true });
    expect(read('--write', '--quick')).toMatchObject({ mode: 'quick', writes: true });
    expect(read('--write', 'gap')).toMatchObject({ kind: 'measure', writes: true });
  });

  it('soaks for so many minutes', () => {
    expect(read('soak')).toEqual({ kind: 'soak', minutes: 60 });
    expect(read('soak', '--minutes', '2')).toEqual({ kind: 'soak', minutes: 2 });
  });

  it('moves so many events', () => {
    expect(read('move')).toEqual({ kind: 'move', events: 1_000_000 });
    expect(read('move', '--events', '5000')).toEqual({ kind: 'move', events: 5_000 });
  });

  it.each([
    ['--events', '3'],
    ['move', '--minutes', '3'],
    ['move', 'soak'],
    ['--fast'],
    ['soak', 'gap'],
    ['soak', '--minutes', 'two'],
    ['soak', '--minutes', '0'],
    ['--minutes', '3'],
  ])('refuses %j', (...args) => {
    expect(read(...args)).toMatchObject({ kind: 'wrong' });
  });

  it('says what is missing if npm took an option for itself', () => {
    expect(readArguments([], rows, { npm_config_quick: 'true' })).toMatchObject({
      kind: 'wrong',
      text: expect.stringContaining('npm run bench -- --quick'),
    });
  });
});
