import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { extensions } from '../../src/command-line/extensions.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { compileTemplate } from '../../src/render/template.ts';
import { allMetrics } from '../metrics/metrics-page.ts';
import { blocks, codes, pages, readPage, root, shellLines } from './pages.ts';

const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

const registry = allMetrics();

/** Everything that a configuration needs, in lines of which each has one key of the top. */
const base = new Map([
  ['source', 'source: { url: demo }'],
  ['store', 'store: memory'],
  [
    'chats',
    `chats: { discord: { token: "\${DISCORD_TOKEN}" }, matrix: { homeserver: https://h, token: "\${MATRIX_TOKEN}", store_key_file: matrix-store-key } }`,
  ],
  ['rooms', 'rooms: { smoke: "console:smoke", hq: "console:hq" }'],
  ['subscriptions', 'subscriptions: [{ events: posts#create, rooms: smoke }]'],
]);

/** The files that examples name. */
const secrets = [
  ...['matrix-token', 'matrix-refresh-token', 'discord-token'].map((file) => [file, 'a-token'] as const),
  ['matrix-eu-token', 'another-token'],
  ['matrix-store-key', '5'.repeat(64)],
  ['db-password', 'a-password'],
  ['matrix-recovery-key', 'EsT3 4kza y1Xs efFA tKyi HVwT kdEP 4UEk rvNr dFvy 8nGq AkqP'],
] as const;

/** The package that pages name as an example. */
const adapter = 'lookout-adapter-ntfy';

/** The problems of a configuration, or of a part of one that stands in the place of those keys. */
function problemsOf(yaml: string): readonly string[] {
  const own = new Set([...yaml.matchAll(/^(\w+):/gm)].map(([, key = '']) => key));
  const rest = [...base].filter(([key]) => !own.has(key)).map(([, line]) => line);
  const folder = mkdtempSync(join(tmpdir(), 'lookout-pages-'));
  try {
    const file = join(folder, 'config.yaml');
    for (const [file, secret] of secrets) writeFileSync(join(folder, file), secret, { mode: 0o600 });
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(join(root, 'examples', adapter), join(folder, 'node_modules', adapter));
    writeFileSync(file, `${rest.join('\n')}\n${yaml}`);
    const DISCORD_TOKEN = `${'m'.repeat(24)}.Gabcde.${'x'.repeat(38)}`;
    const { problems } = loadConfig(
      file,
      { METASMOKE_KEY: 'k', MATRIX_TOKEN: 't', MATRIX_REFRESH_TOKEN: 'r', DISCORD_TOKEN },
      extensions,
    );
    return problems.map(({ line, wrong, right }) => `${line}: ${wrong}: ${right}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Commands of the system that a reader may need. */
const others =
  /^(?:curl|export|cp|mv|rm|git (?:clone|pull)|sqlite3|useradd|systemctl|docker compose|npm pack|npm install -g \.\/lookout-[\d.]+\.tgz|\(umask 077; cat > [\w-]+\)$)(?: |$)/;

describe.each(pages)('%s', (page) => {
  const text = readPage(page);

  it('has examples of configuration that are good', () => {
    expect(blocks(text, 'yaml').flatMap(problemsOf)).toEqual([]);
  });

  it('has code blocks whose first line is a language and nothing else', () => {
    expect(text.match(/^ *```(?!\w*$).*/gm)).toBeNull();
  });

  it('has templates that compile', () => {
    const compiled = blocks(text, 'handlebars').map((block) => compileTemplate('post', 'post.hbs', block));
    expect(compiled.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
  });

  it('names only metrics that exist', () => {
    const named = [...text.matchAll(/\blookout_[a-z_]+/g)].map(([name]) => name);
    expect(named.filter((name) => registry.getSingleMetric(name) === undefined)).toEqual([]);
  });

  it('has shell commands that exist, with options that exist', () => {
    const wrong = shellLines(text).filter((line) => !isKnown(line));
    expect(wrong).toEqual([]);
  });

  it('names only scripts that exist', () => {
    const named = codes(text).flatMap((code) => /^npm run ([\w:]+)/.exec(code)?.[1] ?? []);
    expect(named.filter((script) => packageJson.scripts[script] === undefined)).toEqual([]);
  });
});

it.each(['alerts.yaml', 'alerts.test.yaml', 'grafana-dashboard.json'])(
  'deploy/%s names only metrics that exist',
  (name) => {
    const text = readFileSync(join(root, 'deploy', name), 'utf8');
    const named = [...text.matchAll(/\blookout_[a-z_]+/g)].map(([metric]) => metric.replace(/_bucket$/, ''));
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((metric) => registry.getSingleMetric(metric) === undefined)).toEqual([]);
  },
);

function isKnown(line: string): boolean {
  if (['npm ci', 'npm start', 'npm test'].includes(line) || others.test(line)) return true;
  if (/^(?:npx )?lookout /.test(line)) return true; // See below.
  const [, script, options = ''] = /^npm run ([\w:]+)(?: -- (.*))?$/.exec(line) ?? [];
  if (script !== undefined) return hasOptions(packageJson.scripts[script], options);
  const [, vitest] = /^npx vitest (?:run|related) (.*)$/.exec(line) ?? [];
  const paths = (vitest ?? line).split(' ').filter((word) => word.includes('/'));
  return (vitest !== undefined || line.startsWith('.ci/')) && paths.every((path) => existsSync(join(root, path)));
}

/** Looks for the options in the program that a script runs, or in the file beside it that reads them. */
function hasOptions(script: string | undefined, options: string): boolean {
  if (script === undefined) return false;
  const names = [...options.matchAll(/--([a-z-]+)/g)].map(([, name = '']) => name);
  const main = /test\/\S+\.ts/.exec(script)?.[0];
  if (main === undefined) return names.every((name) => name === 'write');
  const files = [main, join(dirname(main), 'arguments.ts')].filter((file) => existsSync(join(root, file)));
  const program = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
  return names.every((name) => new RegExp(`\\b${name}'?: \\{`).test(program));
}
