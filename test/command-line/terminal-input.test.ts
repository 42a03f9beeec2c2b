import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openTerminalInput } from '../../src/command-line/terminal-input.ts';
import { createTestClock } from '../support/test-clock.ts';
import { until } from '../support/until.ts';

/** A terminal with job control, in which the test decides which job has it. */
function job(isInBackground: boolean) {
  const terminal = new PassThrough();
  const clock = createTestClock();
  const continued = new Set<() => void>();
  const turns: string[] = [];
  const state = { isInBackground, looks: 0 };
  const input = openTerminalInput({
    terminal,
    isInBackground: async () => {
      state.looks++;
      return state.isInBackground;
    },
    onContinue: (callback) => {
      continued.add(callback);
      return () => continued.delete(callback);
    },
    clock,
    onTurn: (place) => void turns.push(place),
  });
  const read: string[] = [];
  let isEnded = false;
  const listen = () => {
    input.on('data', (chunk: Buffer) => read.push(String(chunk)));
    input.on('end', () => {
      isEnded = true;
    });
  };
  return {
    terminal,
    clock,
    continued,
    input,
    read,
    listen,
    isEnded: () => isEnded,
    /** Simulates `fg` or `bg` of a stopped job. */
    async continueIn(place: 'foreground' | 'background') {
      state.isInBackground = place === 'background';
      const before = state.looks;
      for (const callback of continued) callback();
      await until(() => state.looks > before);
    },
    looked: (times: number) => until(() => state.looks >= times),
    state,
  };
}

describe('the terminal as input', () => {
  it('is not touched before it is read', () => {
    const { terminal, state, continued } = job(false);
    expect([terminal.isPaused(), terminal.readableFlowing, state.looks, continued.size]).toEqual([false, null, 0, 0]);
  });

  it('is read in the foreground', async () => {
    const { terminal, listen, read } = job(false);
    listen();
    terminal.write('/status\n');
    await until(() => read.join('') === '/status\n');
  });

  it('is not read in the background, and read after the job was brought to the foreground', async () => {
    const { terminal, listen, read, looked, state, clock } = job(true);
    listen();
    await looked(1);
    terminal.write('/status\n');
    await clock.advance(2_000);
    await looked(2);
    expect([terminal.isPaused(), read]).toEqual([true, []]);
    // `fg` of a running job sends no signal.
    state.isInBackground = false;
    await clock.advance(2_000);
    await until(() => read.join('') === '/status\n');
  });

  it('is released at `bg` and read again at `fg`, each after Ctrl-Z', async () => {
    const { terminal, listen, read, looked, continueIn } = job(false);
    listen();
    await looked(1);
    await continueIn('background');
    await until(() => terminal.isPaused());
    terminal.write('ls\n');
    expect(read).toEqual([]);
    await continueIn('foreground');
    await until(() => read.length > 0);
    await continueIn('foreground');
    terminal.write('/help\n');
    await until(() => read.length > 1);
    expect(read.join('')).toBe('ls\n/help\n');
  });

  it.each([
    ['ends', (terminal: PassThrough) => terminal.end()],
    ['was closed', (terminal: PassThrough) => terminal.destroy(new Error('read EIO'))],
  ])('ends when the terminal %s', async (_what, close) => {
    const { terminal, listen, isEnded, looked } = job(false);
    listen();
    await looked(1);
    close(terminal);
    await until(isEnded);
  });

  it('leaves nothing open when it is destroyed', async () => {
    const { terminal, listen, input, continued, looked, clock, state } = job(true);
    listen();
    await looked(1);
    input.destroy();
    await until(() => terminal.destroyed);
    expect(continued.size).toBe(0);
    await clock.advance(10_000);
    expect(state.looks).toBe(1);
  });
});
