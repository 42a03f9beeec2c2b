import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Child } from '../../support/child.ts';
import { useCommandFolder } from './command-folder.ts';

const here = useCommandFolder();
const { lookout } = here;

describe('lookout hub', () => {
  const serving = (child: Child) => child.waitForLine((line) => line.startsWith('The hub serves'), 'the hub');
  const takes = async (child: Child, given: string) => {
    const said = await serving(child);
    const url = `${said.replace(/^.* ws/, 'http').replace(/cable$/, 'events')}`;
    const response = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${given}` }, body: '' });
    return response.status !== 401;
  };

  it('reads its key from a file or from the environment, the file first, and shows neither', async () => {
    writeFileSync(join(here.folder, 'key'), 'a-key-of-a-file\n', { mode: 0o600 });
    const environment = { LOOKOUT_HUB_KEY: 'a-key-of-the-environment' };
    const [both, one] = [['--key-file', 'key'], []].map((more) =>
      lookout(['hub', '--port', '0', ...more], environment),
    );
    expect(await takes(both!, 'a-key-of-a-file')).toBe(true);
    expect(await takes(both!, 'a-key-of-the-environment')).toBe(false);
    expect(await takes(one!, 'a-key-of-the-environment')).toBe(true);
    for (const child of [both!, one!]) {
      await child.end('SIGINT');
      expect(child.lines.join()).not.toContain('a-key-of');
    }
  });

  it.each([[['--key', 'a-key-in-ps']], [['--key=a-key-in-ps']]])(
    'rejects a key in %j, which every user can read',
    async (args) => {
      const child = lookout(['hub', ...args]);
      expect((await child.exited).code).toBe(2);
      expect(child.lines.join()).toContain('set LOOKOUT_HUB_KEY, or name a file with --key-file');
      expect(child.lines.join()).not.toContain('a-key-in-ps');
    },
  );

  it('reports a bad key, and a file that others can read', async () => {
    writeFileSync(join(here.folder, 'two'), 'two words', { mode: 0o600 });
    writeFileSync(join(here.folder, 'open'), 'a-key-of-a-file', { mode: 0o644 });
    const wrong = [lookout(['hub', '--key-file', 'two']), lookout(['hub'], { LOOKOUT_HUB_KEY: '' })];
    const said = wrong.map(async (child) => [(await child.exited).code, child.lines]);
    expect(await Promise.all(said)).toEqual([
      [2, ['--key-file two: the key has white space in it: put the key into it, on one line and nothing else']],
      [2, ['LOOKOUT_HUB_KEY: the key is empty: set it to a key, or unset it']],
    ]);
    const child = lookout(['hub', '--port', '0', '--key-file', 'open']);
    await serving(child);
    expect(child.lines[0]).toBe('warning: others can read open (mode 0644): chmod 600 open');
    await child.end('SIGINT');
  });
});
