import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadPlatform } from '../../src/adapters/author/load-platform.ts';
import { platforms } from '../../src/adapters/platforms.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { inputs } from '../../src/inputs/inputs.ts';
import { folderWith } from '../config/config-files.ts';

const example = fileURLToPath(new URL('../../examples/lookout-adapter-ntfy', import.meta.url));
const rest = 'source: { url: demo }\nstore: memory\n';

/** Loads a configuration beside which some packages are installed, each a file index.js. */
function load(yaml: string, packages: Readonly<Record<string, string>> = {}) {
  const files = Object.entries(packages).flatMap(([name, code]) => [
    [`node_modules/${name}/package.json`, '{ "type": "module", "exports": "./index.js" }'] as const,
    [`node_modules/${name}/index.js`, code] as const,
  ]);
  const folder = folderWith({ 'config.yaml': rest + yaml, ...Object.fromEntries(files) });
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(example, join(folder, 'node_modules', 'lookout-adapter-ntfy'));
  const loaded = loadConfig(join(folder, 'config.yaml'), {}, { platforms, inputs, loadPlatform });
  const said = loaded.problems.map(
    ({ line, column, wrong, right }) => `${line}:${column}: ${wrong.replaceAll(folder, '<folder>')}: ${right}`,
  );
  return { ...loaded, said };
}

describe('an adapter of another package', () => {
  it('is loaded by its name in the configuration, with its keys and addresses', () => {
    const { config, said, platforms } = load(
      'adapters: lookout-adapter-ntfy\nchats: { ntfy: { server: "https://push.example.org/" } }\n' +
        'subscriptions: [{ events: posts, rooms: "ntfy:my-topic" }]\n',
    );
    expect(said).toEqual([]);
    expect(config?.adapters).toEqual(['lookout-adapter-ntfy']);
    expect(config?.chats.ntfy).toEqual({ server: 'https://push.example.org', token: null });
    expect(config?.rooms).toMatchObject([{ address: 'ntfy:my-topic', platform: 'ntfy' }]);
    expect(platforms.map(({ name }) => name)).toContain('ntfy');
  });

  it('has its keys checked as those of every chat', () => {
    const { said } = load('adapters: [lookout-adapter-ntfy]\nchats: { ntfy: { sever: x } }\nsubscriptions: []\n');
    expect(said).toContain('4:18: unknown key "sever": did you mean "server"?');
  });

  it.each<[what: string, yaml: string, message: string, code?: string]>([
    [
      'is not there',
      'adapters: [lookout-adapter-nfty]',
      '3:12: there is no package "lookout-adapter-nfty" in <folder> or beside Lookout: install it: npm install lookout-adapter-nfty',
    ],
    [
      'is something else',
      'adapters: [other]',
      '3:12: "other" is not an adapter for Lookout: its default export must be a function that returns a platform (docs/writing-an-adapter.md)',
      'export default 7;',
    ],
    [
      'returns half of a platform',
      'adapters: [other]',
      '3:12: the platform of "other" has no string "title": update it, or Lookout',
      'export default () => ({ name: "other" });',
    ],
    [
      'has a key of Lookout’s own',
      'adapters: [other]',
      '3:12: the platform of "other" has a key "name", which is Lookout\'s own: update it, or Lookout',
      `const f = () => {};
      export default () => ({ name: "other", title: "O", settings: { keys: { name: {} } }, address: {}, people: {}, messageId: f,
        messageLink: f, answersAlone: true, counters: [], createAdapter: f });`,
    ],
    [
      'throws',
      'adapters: [other]',
      '3:12: "other" cannot be loaded: no luck: update or reinstall it',
      'throw new Error("no luck");',
    ],
    [
      'has the name of another chat',
      'adapters: [lookout-adapter-ntfy, lookout-adapter-ntfy]',
      '3:34: there is a chat "ntfy" already: remove this adapter',
    ],
  ])('that %s is reported, and nothing else is', (_what, yaml, message, code) => {
    const unknown = 'chats: { other: {} }\nsubscriptions: [{ events: posts, rooms: "other:x" }]';
    const { config, said } = load(`${yaml}\n${unknown}\n`, code === undefined ? {} : { other: code });
    expect(said).toEqual([message]);
    expect(config).toBeNull();
  });
});
