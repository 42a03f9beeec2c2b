import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChild } from '../support/child.ts';
import { nodeOfMajor } from './support/needs.ts';

const run = promisify(execFile);
const checkout = fileURLToPath(new URL('../..', import.meta.url));
const FIRST_MESSAGE_MS = 15_000;
const strictTypes = [
  '--noEmit',
  '--strict',
  '--allowJs',
  '--checkJs',
  '--module',
  'nodenext',
  '--target',
  'es2024',
  'types.ts',
];

/** What `npm pack` makes, installed as `npm install -g` does it, but into a folder of the test. */
describe('the package', () => {
  let home: string;
  let prefix: string;
  let installed: string;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'lookout-package-'));
    prefix = join(home, 'global');
    installed = join(prefix, 'lib', 'node_modules', 'lookout');
    await run('npm', ['pack', '--silent', '--pack-destination', home], { cwd: checkout });
    const [packed = ''] = (await readdir(home)).filter((name) => name.endsWith('.tgz'));
    const quick = ['--prefer-offline', '--no-audit', '--no-fund'];
    await run('npm', ['install', '--global', '--prefix', prefix, ...quick, join(home, packed)]);
    await mkdir(join(home, 'work'));
    await writeFile(
      join(home, 'work', 'config.yaml'),
      'source: { url: demo }\nstore: sqlite:lookout.db\nrooms: { here: "console:here" }\n' +
        'subscriptions: [{ events: posts, rooms: here }]\n',
    );
  }, 180_000);

  afterAll(() => rm(home, { recursive: true, force: true }));

  describe.each([24, 26])('on Node %i', (major) => {
    const lookout = (...args: readonly string[]) => {
      const node = nodeOfMajor(major);
      return startChild(join(prefix, 'bin', 'lookout'), args, {
        cwd: join(home, 'work'),
        env: { PATH: `${dirname(node)}:${process.env.PATH}` },
      });
    };

    it('says its version', async () => {
      const child = lookout('--version');
      expect(await child.exited).toEqual({ code: 0, signal: null });
      expect(child.lines).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
    });

    it('checks a configuration', async () => {
      const child = lookout('check');
      expect(await child.exited).toEqual({ code: 0, signal: null });
      expect(child.lines[0]).toBe('config.yaml is good');
    });

    it.each([
      ['a configuration of its own', () => 'config.yaml'],
      ['the example that it contains', () => join(installed, 'config.example.yaml')],
    ])('shows messages of %s on the terminal', async (_what, file) => {
      const child = lookout('run', '-c', file());
      try {
        const isMessage = (line: string) => line.includes('https://metasmoke.erwaysoftware.com/post/');
        await child.waitForOutput(isMessage, 'the first message', FIRST_MESSAGE_MS);
        expect(await child.end('SIGTERM')).toEqual({ code: 0, signal: null });
      } finally {
        await child.end('SIGKILL');
      }
    });
  });

  it('loads an adapter of another package, which passes the contract that the package contains', async () => {
    const author = join(home, 'author');
    await cp(join(checkout, 'examples', 'lookout-adapter-ntfy'), author, { recursive: true });
    await mkdir(join(author, 'node_modules'));
    await symlink(installed, join(author, 'node_modules', 'lookout'));
    await symlink(join(checkout, 'node_modules', 'vitest'), join(author, 'node_modules', 'vitest'));
    const { stdout } = await run(process.execPath, [join('node_modules', 'vitest', 'vitest.mjs'), 'run'], {
      cwd: author,
    });
    expect(stdout).toMatch(/Tests .*\d\d passed/);
    await writeFile(
      join(author, 'types.ts'),
      "import define from './index.js';\n// @ts-expect-error: it is not any\nexport const wrong: string = define;\n",
    );
    await run(process.execPath, [join(checkout, 'node_modules', 'typescript', 'bin', 'tsc'), ...strictTypes], {
      cwd: author,
    });

    // Beside Lookout, where `npm install -g` puts it.
    await run('npm', ['install', '--global', '--install-links', '--prefix', prefix, author]);
    const ntfy = join(home, 'work', 'ntfy.yaml');
    await writeFile(
      ntfy,
      'adapters: lookout-adapter-ntfy\nsource: { url: demo }\nstore: memory\nchats: { ntfy: {} }\n' +
        'rooms: { phone: "ntfy:my-topic" }\nsubscriptions: [{ events: posts, rooms: phone }]\n',
    );
    for (const major of [24, 26]) {
      const { stdout, stderr } = await run(nodeOfMajor(major), [join(prefix, 'bin', 'lookout'), 'check', '-c', ntfy]);
      expect(stdout).toContain('phone = ntfy:my-topic');
      expect(stderr).toBe('');
    }
  });

  it('contains no test, and no source that it does not run', async () => {
    expect((await readdir(join(installed, 'src'))).sort()).toEqual(['launcher', 'lookout.js']);
    expect(await readdir(installed)).not.toContain('test');
  });
});
