import { PassThrough, Writable } from 'node:stream';
import { Terminal } from '@xterm/headless';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Screen } from '../../src/command-line/screen.ts';
import { createTestClock } from '../support/test-clock.ts';
import { until } from '../support/until.ts';

const columns = 30;

/** A terminal as an emulator shows it, with a keyboard, a job on it, and the lines that the job reads. */
function startScreen(isInBackground = false) {
  const emulator = new Terminal({ cols: columns, rows: 12, allowProposedApi: true, convertEol: true });
  const output = Object.assign(
    new Writable({ write: (chunk: Buffer, _, done) => emulator.write(chunk, () => done()) }),
    { columns, rows: 12, isTTY: true },
  );
  const modes: boolean[] = [];
  const keyboard = Object.assign(new PassThrough(), { setRawMode: (isRaw: boolean) => modes.push(isRaw) });
  const signals: string[] = [];
  const clock = createTestClock();
  const job = { isInBackground };
  let onContinue = () => {};
  const screen = new Screen({
    keyboard,
    output,
    isInBackground: async () => job.isInBackground,
    onContinue: (callback) => {
      onContinue = callback;
      return () => {};
    },
    clock,
    signal: (name) => void signals.push(name),
  });
  const input = screen.openInput();
  const lines: string[] = [];
  let isEnded = false;
  input.on('data', (line: Buffer) => lines.push(String(line)));
  input.on('end', () => {
    isEnded = true;
  });
  onTestFinished(() => void input.destroy());
  const rows = () => {
    const { buffer } = emulator;
    const all = Array.from(
      { length: buffer.active.length },
      (_, row) => buffer.active.getLine(row)?.translateToString(true).trimEnd() ?? '',
    );
    return all.slice(0, all.findLastIndex((row) => row !== '') + 1);
  };
  return {
    ...{ screen, input, lines, modes, signals, clock, job, rows },
    cursor: () => [emulator.buffer.active.cursorX, emulator.buffer.active.baseY + emulator.buffer.active.cursorY],
    type: (keys: string) => void keyboard.write(keys),
    print: (text: string) => screen.above(() => output.write(text)),
    continued: () => onContinue(),
    isEnded: () => isEnded,
    shows: (...expected: string[]) =>
      until(() => JSON.stringify(rows()) === JSON.stringify(expected)).catch(() => expect(rows()).toEqual(expected)),
  };
}

describe('the line that a person writes', () => {
  let one: ReturnType<typeof startScreen>;

  beforeEach(async () => {
    one = startScreen();
    await one.shows('>');
    expect(one.modes).toEqual([true]);
  });

  it('is not torn by what is printed, and goes on', async () => {
    one.type('/sta');
    await one.shows('> /sta');
    one.print('hello\n');
    one.print('and more\nof it\n');
    await one.shows('hello', 'and more', 'of it', '> /sta');
    expect(one.cursor()).toEqual([6, 3]);
    one.type('tus\r');
    await until(() => one.lines.length === 1);
    expect(one.lines).toEqual(['/status\n']);
    one.print('all is well\n');
    await one.shows('hello', 'and more', 'of it', '> /status', 'all is well', '>');
  });

  it('keeps the cursor in its middle, also if it is longer than a row', async () => {
    const long = `/mute posts --where ${'x'.repeat(30)}`;
    one.type(`${long}\u001b[D\u001b[D`);
    const shown = [`> ${long}`.slice(0, columns), `> ${long}`.slice(columns)];
    await one.shows(...shown);
    for (let count = 1; count <= 12; count++) one.print(`message ${count}\n`);
    const printed = Array.from({ length: 12 }, (_, index) => `message ${index + 1}`);
    await one.shows(...printed, ...shown);
    expect(one.cursor()).toEqual([long.length + 2 - columns - 2, 13]);
    one.type('y\r');
    await until(() => one.lines.length === 1);
    expect(one.lines).toEqual([`${long.slice(0, -2)}yxx\n`]);
  });

  it('comes back with the arrow keys', async () => {
    one.type('/status\r');
    await until(() => one.lines.length === 1);
    one.type('\u001b[A\r');
    await until(() => one.lines.length === 2);
    expect(one.lines).toEqual(['/status\n', '/status\n']);
  });

  it('passes on Ctrl-C and Ctrl-Z as the terminal does, and is drawn again when the job goes on', async () => {
    one.type('/sta\u0003');
    await until(() => one.signals.length === 1);
    one.type('\u001a');
    await until(() => one.signals.length === 2);
    expect([one.signals, one.modes]).toEqual([
      ['SIGINT', 'SIGTSTP'],
      [true, false],
    ]);
    await one.shows();
    one.job.isInBackground = true;
    one.continued();
    one.print('in the background\n');
    await one.shows('in the background');
    one.job.isInBackground = false;
    one.continued();
    await one.shows('in the background', '> /sta');
    expect(one.modes).toEqual([true, false, true]);
  });

  it('ends with Ctrl-D, and with the program', async () => {
    one.type('\u0004');
    await until(() => one.isEnded());
    expect(one.modes).toEqual([true, false]);
    one.print('plain\n');
    await one.shows('plain');
    const other = startScreen();
    await other.shows('>');
    other.type('/half');
    await other.shows('> /half');
    other.input.destroy();
    await other.shows();
    expect(other.modes).toEqual([true, false]);
  });
});

it('is not there before the lines are read', async () => {
  const modes: boolean[] = [];
  const keyboard = Object.assign(new PassThrough(), { setRawMode: (isRaw: boolean) => modes.push(isRaw) });
  const written: string[] = [];
  const screen = new Screen({
    ...{ keyboard, clock: createTestClock(), isInBackground: async () => false, onContinue: () => () => {} },
    output: new Writable({
      write(chunk, _, done) {
        written.push(String(chunk));
        done();
      },
    }),
    signal() {},
  });
  const input = screen.openInput();
  screen.above(() => written.push('hello'));
  await new Promise(setImmediate);
  expect([modes, written, keyboard.readableFlowing]).toEqual([[], ['hello'], null]);
  input.destroy();
});

it('a job in the background draws no line and leaves the terminal as it is', async () => {
  const one = startScreen(true);
  one.print('hello\n');
  await one.shows('hello');
  await one.clock.advance(2_000);
  expect(one.modes).toEqual([]);
  one.job.isInBackground = false;
  await one.clock.advance(2_000);
  await one.shows('hello', '>');
});
