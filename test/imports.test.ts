import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Who may import whom: the folder list is the diagram, and this keeps the arrows as they are drawn. */

const root = fileURLToPath(new URL('../src', import.meta.url));

interface Import {
  /** The importing file, relative to src: `router/router.ts`. */
  readonly from: string;
  /** The imported file relative to src, or the package's name: `words.ts`, `kysely`, `node:fs`. */
  readonly to: string;
  /** Its types alone: gone when the program runs. */
  readonly typesOnly: boolean;
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ts|js)$/.test(name))
  .map((name) => name.replaceAll('\\', '/'))
  .sort();

/** Comments and the like of `import` in a string do not count: a statement begins its line. */
const statement = /^(?:import|export)\s+(?:(type)\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;
const dynamic = /\bimport\(\s*'([^']+)'/g;

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = [...text.matchAll(statement)].map(([, type, to = '']) => ({ to, typesOnly: type !== undefined }));
  for (const [, to = ''] of text.matchAll(dynamic)) found.push({ to, typesOnly: false });
  return found.map(({ to, typesOnly }) => ({ from: file, to: target(file, to), typesOnly }));
}

function target(file: string, specifier: string): string {
  if (specifier.startsWith('.')) return relative(root, resolve(root, dirname(file), specifier)).replaceAll('\\', '/');
  if (builtinModules.includes(specifier)) return `node:${specifier}`;
  if (specifier.startsWith('node:')) return specifier;
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

const imports = files.flatMap(importsOf);
const isOurs = (to: string) => files.includes(to);
const shown = ({ from, to }: Import) => `${from} imports ${to}`;
/** `adapters/matrix/client.ts` → `adapters/matrix`; `words.ts` → itself. */
const folder = (file: string) => {
  const parts = file.split('/');
  return parts.length === 1 ? file : parts.slice(0, parts[0] === 'adapters' ? -1 : 1).join('/');
};

/** Everything that a file pulls in when the program runs, itself included. */
function reach(file: string): Set<string> {
  const seen = new Set([file]);
  for (const one of seen) for (const { from, to, typesOnly } of imports) if (from === one && !typesOnly) seen.add(to);
  return seen;
}

describe('who imports whom', () => {
  it('reads the imports at all', () => {
    expect(imports.length).toBeGreaterThan(files.length);
    expect(imports.some(({ to }) => to === 'words.ts')).toBe(true);
  });

  it.each([
    ['@discordjs/rest', 'adapters/discord'],
    ['@discordjs/ws', 'adapters/discord'],
    ['undici', 'http'],
    ['matrix-js-sdk', 'adapters/matrix'],
    ['@rails/actioncable', 'source'],
    ['prom-client', 'metrics'],
  ])('imports %s in src/%s alone', (name, home) => {
    const elsewhere = imports.filter(({ from, to }) => to === name && folder(from) !== home);
    expect(elsewhere.map(shown)).toEqual([]);
  });

  it('names files with their extension, and only files that exist in src', () => {
    const astray = imports.filter(({ to }) => /\.(ts|js)$/.test(to) && to.includes('/') && !isOurs(to));
    const bare = imports.filter(({ to }) => to.startsWith('..'));
    expect([...astray, ...bare].map(shown)).toEqual([]);
  });

  it('keeps router and render free of I/O, but for the loading of templates', () => {
    // What touches files, sockets, processes or the clock by itself.
    const io =
      /^node:(?!(?:crypto|util|url|path|buffer|assert|events|querystring|string_decoder|vm)$)|^(?:ws|pino|pino-pretty|prom-client|kysely|pg|matrix-js-sdk|@discordjs\/rest|@discordjs\/ws|undici|@rails\/actioncable)$/;
    const pure = files.filter((file) => /^(?:router|render)\//.test(file) && file !== 'render/load-templates.ts');
    const wrong = pure.flatMap((file) => {
      const reached = [...reach(file)];
      return reached.filter((to) => io.test(to)).map((to) => `${file} reaches ${to}`);
    });
    expect(wrong).toEqual([]);
  });

  it('lets router and render know no sibling that does I/O, not even by its types', () => {
    const acting = /^(?:adapters|commands|hub|metrics|outbox|rooms|source|store|app\.ts|main\.ts|pipeline\.ts|log\.ts)/;
    const wrong = imports.filter(({ from, to }) => /^(?:router|render)\//.test(from) && isOurs(to) && acting.test(to));
    expect(wrong.map(shown)).toEqual([]);
  });

  it('lets no part know that it is counted: only what connects the parts imports metrics', () => {
    const wrong = imports.filter(({ from, to }) => folder(to) === 'metrics' && folder(from) !== 'metrics');
    expect([...new Set(wrong.map(({ from }) => from))]).toEqual(['main.ts', 'monitoring.ts']);
  });

  it('has no circle of files when the program runs', () => {
    const circles = circlesAmong(files, (file) =>
      imports.filter(({ from, typesOnly }) => from === file && !typesOnly).map(({ to }) => to),
    );
    expect(circles).toEqual([]);
  });

  it('has no circle of folders when the program runs', () => {
    const folders = [...new Set(files.map(folder))];
    const next = (name: string) =>
      imports
        .filter(({ from, to, typesOnly }) => !typesOnly && isOurs(to) && folder(from) === name && folder(to) !== name)
        .map(({ to }) => folder(to));
    expect(circlesAmong(folders, next)).toEqual([]);
  });

  it('touches the arguments, the environment and the exit code in main.ts and its launcher alone', () => {
    const touching = files.filter((file) => {
      const text = readFileSync(join(root, file), 'utf8')
        .replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '')
        .replaceAll(/(['"`])(?:\\.|(?!\1)[^\\\n])*\1/g, "''");
      return /\bprocess\.(?:argv|env|exit|exitCode)\b/.test(text);
    });
    expect(
      touching.filter((file) => file !== 'main.ts' && file !== 'lookout.js' && folder(file) !== 'launcher'),
    ).toEqual([]);
  });
});

/** Each circle once, as `a → b → a`, starting at its first member in the alphabet. */
function circlesAmong(nodes: readonly string[], next: (node: string) => readonly string[]): string[] {
  const found = new Set<string>();
  const done = new Set<string>();
  const walk = (node: string, path: readonly string[]) => {
    const at = path.indexOf(node);
    if (at >= 0) {
      const circle = path.slice(at);
      const first = circle.indexOf([...circle].sort()[0] ?? node);
      const turned = [...circle.slice(first), ...circle.slice(0, first)];
      found.add([...turned, turned[0]].join(' → '));
    } else if (!done.has(node)) {
      for (const one of next(node)) walk(one, [...path, node]);
      done.add(node);
    }
  };
  for (const node of nodes) walk(node, []);
  return [...found].sort();
}
