import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { useCommandFolder } from './command-folder.ts';

const here = useCommandFolder();

it('lookout check does not wait for a pipe in place of a secret, a template, the database or the configuration', async () => {
  mkdirSync(join(here.folder, 'my-templates'));
  for (const pipe of ['pipe', 'my-templates/post.hbs', 'db', 'more.yaml'])
    execFileSync('mkfifo', [join(here.folder, pipe)]);
  here.configure(
    'source: { url: "wss://example.org/cable", key_file: pipe }\nstore: sqlite:db\nsubscriptions: [{ events: flags, rooms: "console:x" }]\n',
  );
  const check = async (file: string) => {
    const child = here.lookout(['check', '-c', file]);
    const { code } = await child.exited;
    return { code, said: child.lines.filter((line) => line.includes(' is a pipe')) };
  };
  expect(await check('config.yaml')).toEqual({
    code: 2,
    said: [
      `config.yaml:1:53: ${join(here.folder, 'pipe')}: this is a pipe: name a file`,
      'config.yaml:2:8: db is a pipe: name a file, or one that is not there yet',
      'my-templates/post.hbs:1:1: this is a pipe: name a file',
    ],
  });
  expect(await check('more.yaml')).toEqual({ code: 2, said: ['more.yaml:1:1: this is a pipe: name a file'] });
});
