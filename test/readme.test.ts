import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { platforms } from '../src/adapters/platforms.ts';
import { loadConfig } from '../src/config/load-config.ts';
import { silentLog } from '../src/log.ts';
import { createCatalogue } from '../src/metasmoke/catalogue.ts';
import { createMetrics } from '../src/metrics/metrics.ts';
import { blockHelpers, signatures } from '../src/render/helpers/all.ts';
import { cardFields } from '../src/render/names.ts';
import { compileTemplate } from '../src/render/template.ts';
import { subjectModel } from '../src/router/subject-model.ts';
import { systemClock } from '../src/time/clock.ts';
import { commandsPage } from './commands/commands-page.ts';
import { derivedFieldsPage, derivedPage } from './metasmoke/derived-page.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** The text of each fenced block in a language, without what a list indents it by. */
function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\``, 'gm'))].map(
    ([, indent, text]) => (text ?? '').replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

let folder: string | undefined;
afterEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true });
  folder = undefined;
});

function load(yaml: string) {
  folder = mkdtempSync(join(tmpdir(), 'lookout-readme-'));
  const file = join(folder, 'config.yaml');
  writeFileSync(file, yaml);
  const DISCORD_TOKEN = `${'m'.repeat(24)}.Gabcde.${'x'.repeat(38)}`;
  return loadConfig(file, { METASMOKE_KEY: 'k', MATRIX_TOKEN: 't', DISCORD_TOKEN }, platforms);
}

describe('the README', () => {
  const [discordRoom = '', matrixLines = '', conditions = ''] = blocks('yaml');

  it('has a first Discord room that is a good configuration', () => {
    const { config, problems } = load(discordRoom);
    expect(problems).toEqual([]);
    expect(config?.rooms.map((room) => room.address)).toEqual(['discord:123456789012345678']);
  });

  it('has a first Matrix room that is one with two lines changed', () => {
    const lines = new Map(
      matrixLines
        .trim()
        .split('\n')
        .map((line) => [line.split(':')[0], line]),
    );
    expect([...lines.keys()]).toEqual(['chats', 'rooms']);
    const { config, problems } = load(discordRoom.replaceAll(/^(\w+):.*$/gm, (line, key) => lines.get(key) ?? line));
    expect(problems).toEqual([]);
    expect(config?.rooms.map((room) => room.address)).toEqual(['matrix:#smoke:example.org']);
  });

  it('asks for the permissions that it names', () => {
    const [, asked = ''] = /permissions=(\d+)/.exec(readme) ?? [];
    // https://docs.discord.com/developers/topics/permissions#permissions-bitwise-permission-flags
    const bits = { 'View Channels': 10n, 'Send Messages': 11n, 'Embed Links': 14n, 'Read Message History': 16n };
    const threads = { 'Create Public Threads': 35n, 'Send Messages in Threads': 38n };
    const all = { ...bits, ...threads, 'Add Reactions': 6n };
    expect(BigInt(asked)).toBe(Object.values(all).reduce((sum, bit) => sum | (1n << bit), 0n));
    const text = readme.replaceAll(/\s+/g, ' ');
    expect(Object.keys(all).filter((name) => !text.includes(name))).toEqual([]);
  });

  it('has conditions that are good', () => {
    const rest = 'source: { url: demo }\nstore: memory\nrooms: { smoke: "console:smoke", hq: "console:hq" }\n';
    expect(load(rest + conditions).problems).toEqual([]);
  });

  it('has a template that compiles', () => {
    const [template = ''] = blocks('handlebars');
    expect(compileTemplate('post', 'post.hbs', template)).toMatchObject({ outcome: 'ok' });
  });

  it('names every helper that there is, and no other', () => {
    const [, list = ''] = /^Helpers: ([\s\S]*?)\n\n/m.exec(readme) ?? [];
    const named = [...list.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    expect(named.toSorted()).toEqual([...signatures.keys()].filter((name) => !blockHelpers.has(name)).toSorted());
  });

  it('leads only to files that are there', () => {
    const [, table = ''] = /## Where do I change…\n([\s\S]*?)\n## /.exec(readme) ?? [];
    const paths = [...table.matchAll(/`((?:src|test|templates)\/[^`]*|config\.example\.yaml)`/g)].map(
      ([, path]) => path ?? '',
    );
    expect(paths.length).toBeGreaterThan(15);
    const missing = paths.filter(
      (path) => globSync(path.replaceAll(/<\w+>/g, '*'), { cwd: root }).length === 0 && !existsSync(join(root, path)),
    );
    expect(missing).toEqual([]);
  });

  it('runs only scripts that there are', () => {
    const scripts = [
      ...blocks('sh')
        .join('\n')
        .matchAll(/npm run ([\w:]+)/g),
    ].map(([, script]) => script ?? '');
    expect(scripts.length).toBeGreaterThan(4);
    expect(scripts.filter((script) => packageJson.scripts[script] === undefined)).toEqual([]);
  });

  it('has the commands of the table', () => {
    const [, page = ''] = /<!-- made from [^>]*-->\n([\s\S]*?)\n<!-- end -->/.exec(readme) ?? [];
    expect(page).toBe(commandsPage());
  });

  it('has the derived events of the catalogue, and their fields', () => {
    const part = (name: string) =>
      new RegExp(`<!-- ${name}: made from [^>]*-->\\n([\\s\\S]*?)\\n<!-- end of ${name} -->`).exec(readme)?.[1];
    expect(part('derived events')).toBe(derivedPage());
    expect(part('derived fields')).toBe(derivedFieldsPage());
  });

  it('names only metrics that there are', async () => {
    const counters = platforms.flatMap(({ name, counters }) => counters.map((one) => ({ ...one, platform: name })));
    const rest = { catalogue: createCatalogue(), version: '', clock: systemClock, log: silentLog };
    const options = { platforms: [], counters, ...rest };
    const text = await createMetrics(options).text();
    const named = [...readme.matchAll(/\blookout_[a-z_]+/g)].map(([name]) => name);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !text.includes(`# TYPE ${name} `))).toEqual([]);
  });

  it('names all that a template knows of a card, and all that `unless` may ask of a subject, and nothing else', () => {
    const codes = (text: string) => [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name ?? '');
    const table = /\| of `card` \| \|\n\| --- \| --- \|\n((?:\|.*\n)+)/.exec(readme)?.[1] ?? '';
    const firstCells = table.split('\n').map((line) => line.split('|')[1] ?? '');
    expect(codes(firstCells.join('')).toSorted()).toEqual(cardFields.toSorted());
    const subject = /^`unless` is CEL over `subject`: (.*)$/m.exec(readme)?.[1] ?? '';
    expect(codes(subject).toSorted()).toEqual(Object.keys(subjectModel.fields).toSorted());
  });

  it('shows pictures that are there', () => {
    const pictures = [...readme.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, path]) => path ?? '');
    expect(pictures.map((path) => existsSync(join(root, path)))).toEqual(pictures.map(() => true));
    expect(pictures).not.toEqual([]);
  });
});
