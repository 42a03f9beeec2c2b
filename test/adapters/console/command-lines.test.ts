import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CommandLinesOptions, listenForCommandLines } from '../../../src/adapters/console/command-lines.ts';
import type { Invocation } from '../../../src/commands/invocation.ts';
import { messageOf, paragraph, typed } from '../../../src/render/say.ts';
import { createTestClock } from '../../support/test-clock.ts';
import { until } from '../../support/until.ts';

const clock = createTestClock();

function start(options: Partial<CommandLinesOptions> = {}) {
  const input = new PassThrough();
  const written: string[] = [];
  const invocations: Invocation[] = [];
  const lines = listenForCommandLines({
    input,
    rooms: ['here', 'hq'],
    roomNames: ['smoke'],
    table: ['status', 'mute', 'help'].map((name) => ({ name })),
    namedRoom: (word) => (word === 'smoke' || word === 'discord:1' ? { platform: 'discord', room: '1' } : null),
    async run(invocation) {
      invocations.push(invocation);
      return { message: messageOf([paragraph('Done: ', typed('undo'))]), private: true };
    },
    write: async (text) => void written.push(text),
    color: false,
    width: 300,
    clock,
    ...options,
  });
  onTestFinished(() => lines.stop());
  return {
    invocations,
    async type(line: string): Promise<string> {
      const before = written.length;
      input.write(`${line}\n`);
      await until(() => written.length > before);
      return written.slice(before).join('');
    },
    writeOnly: (line: string) => void input.write(`${line}\n`),
    written,
  };
}

describe('a line that is typed', () => {
  it.each([
    ['/status', 'here', 'console', 'here', 'status', '/undo'],
    ['  /hq status', 'hq', 'console', 'hq', 'status', '/hq undo'],
    ['/smoke mute for 1h', 'smoke', 'discord', '1', 'mute for 1h', '/smoke undo'],
    ['/discord:1 status', 'discord:1', 'discord', '1', 'status', '/discord:1 undo'],
    ['/xyzzy status', 'here', 'console', 'here', 'xyzzy status', '/undo'],
    ['/HQ status', 'HQ', 'console', 'hq', 'status', '/HQ undo'],
    ['/frobnicate', 'here', 'console', 'here', 'frobnicate', '/undo'],
  ])('is for the room that it names: %s', async (line, name, platform, room, text, undo) => {
    const { invocations, type } = start();
    expect(await type(line)).toBe(`${name}\n▌ Done: ${undo}\n\n`);
    expect(invocations).toMatchObject([{ platform, room, said: { kind: 'line', text } }]);
  });

  it.each([
    ['/smoke', 'smoke is a room: /smoke help.'],
    ['/HQ', 'HQ is a room: /HQ help.'],
    ['/smok mute for 1h', 'There is no room or command smok: did you mean /smoke mute for 1h?'],
    ['/hqq mute', 'There is no room or command hqq: did you mean /hq mute?'],
  ])('is no command if it only names a room, or none: %s', async (line, answer) => {
    const { invocations, type } = start();
    expect(await type(line)).toBe(`here\n▌ ${answer}\n\n`);
    expect(invocations).toEqual([]);
  });

  it('without a slash gets a hint, at most every ten seconds', async () => {
    const { invocations, type, writeOnly, written } = start();
    expect(await type('status')).toBe('here\n▌ A command begins with a slash: try /help.\n\n');
    writeOnly('status');
    writeOnly('');
    expect(await type('/status')).toContain('Done');
    await clock.advance(10_000);
    expect(await type('status')).toContain('/help');
    expect([invocations.length, written.length]).toEqual([1, 3]);
  });

  it('is answered where the configuration has no console room, with how to name one', async () => {
    const { invocations, type, written } = start({ rooms: [] });
    expect(await type('/status')).toMatch(/^terminal\n▌ Done: \/undo\n\n/);
    expect(invocations).toMatchObject([{ platform: 'console', room: 'terminal' }]);
    await until(() => written.length === 2);
    expect(written[1]).toMatch(/no room on this terminal\. .* \/hq status\. .* console:here under rooms:/);
    expect(await type('/smoke status')).toBe('smoke\n▌ Done: /smoke undo\n\n');
    expect(written).toHaveLength(3);
  });
});
