import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { lookoutCommands, pages, readPage, root } from '../../docs/pages.ts';

const run = promisify(execFile);

/** The commands that a help lists: those with options or arguments of their own, and groups of commands. */
async function listed(...command: readonly string[]) {
  const { stdout } = await run(process.execPath, [join(root, 'src/lookout.js'), ...command, '--help'], { cwd: root });
  const lines = [...stdout.matchAll(/^ {2}([a-z][a-z-]*)( [[<]\S+)?/gm)].filter(([, name]) => name !== 'help');
  return lines.map(([, name = '', own]) => ({ name, isGroup: own === undefined }));
}

it('the command line has every command that the pages name, and docs/commands.md has all', async () => {
  const top = await listed();
  const all = await Promise.all(
    top.map(async ({ name, isGroup }) =>
      isGroup ? (await listed(name)).map((below) => `${name} ${below.name}`) : [name],
    ),
  );
  const named = new Set(pages.flatMap((page) => lookoutCommands(readPage(page))));
  expect(all.flat().length).toBeGreaterThan(8);
  /** Arguments may follow: `backup copy.db`. */
  const isOne = (command: string, name: string) => command === name || command.startsWith(`${name} `);
  const groups = new Set(top.flatMap(({ name, isGroup }) => (isGroup ? name : [])));
  const isThere = (command: string) => groups.has(command) || all.flat().some((name) => isOne(command, name));
  expect([...named].filter((command) => !isThere(command))).toEqual([]);
  const onPage = lookoutCommands(readPage('docs/commands.md'));
  expect(all.flat().filter((name) => !onPage.some((command) => isOne(command, name)))).toEqual([]);
});
