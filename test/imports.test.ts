import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Checks the imports: the folder list is the diagram, and every arrow must go down. */

const root = fileURLToPath(new URL('../src', import.meta.url));

interface Import {
  /** The importing file, relative to src: `router/router.ts`. */
  readonly from: string;
  /** The imported file relative to src, or the package's name: `words.ts`, `kysely`, `node:fs`. */
  readonly to: string;
  /** Its types alone: gone when the program runs. */
  readonly typesOnly: boolean;
  /** Imported when a function asks for it, not when the file is loaded. */
  readonly isLazy: boolean;
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ts|js)$/.test(name))
  .map((name) => name.replaceAll('\\', '/'))
  .sort();

/** Comments and the like of `import` in a string do not count: a statement begins its line. */
const statement = /^(?:import|export)\s+(?:(type)\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;
const dynamic = /\b(?:import|require)\(\s*'([^']+)'/g;

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = [...text.matchAll(statement)].map(([, type, to = '']) => ({
    ...{ to, typesOnly: type !== undefined, isLazy: false },
  }));
  for (const [, to = ''] of text.matchAll(dynamic)) found.push({ to, typesOnly: false, isLazy: true });
  return found.map((one) => ({ ...one, from: file, to: target(file, one.to) }));
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

/** The folders of src from the top floor down; those of one line stand beside each other and do not know each other. */
const floors = [
  ['lookout.js'],
  ['main.ts'],
  ['launcher'],
  ['command-line'],
  ['trial'],
  ['app'],
  ['reload'],
  // They read every part, and no part knows that it is counted.
  ['metrics'],
  ['control'],
  // The one list of them.
  ['inputs/inputs.ts'],
  ['inputs/metasmoke.ts'],
  ['inputs/timed'],
  ['inputs/gaps'],
  ['inputs/details'],
  ['inputs/input.ts'],
  ['inputs/source'],
  ['ingest'],
  ['outbox'],
  ['outbox/room'],
  ['outbox/compose'],
  ['outbox/send'],
  ['outbox/rows'],
  ['outbox/rules'],
  ['notices'],
  ['adapters/contract', 'adapters/author'],
  ['pictures'],
  // The one list of them.
  ['adapters/platforms.ts'],
  ['adapters/discord', 'adapters/matrix', 'adapters/console'],
  ['adapters', 'adapters/format'],
  ['commands'],
  ['rooms'],
  ['config'],
  ['subject-rows'],
  ['subjects'],
  ['render'],
  ['router'],
  ['hub'],
  ['metasmoke'],
  ['catalogue'],
  ['store'],
  ['http'],
  ['log.ts'],
  ['yaml'],
  ['secrets'],
  ['text'],
  ['time'],
  ['account-id.ts'],
  ['words.ts'],
];
const floorOf = new Map(floors.flatMap((names, floor) => names.map((name) => [name, floor] as const)));
/** `adapters/matrix/format/body.ts` → `adapters/matrix`; `render/helpers/time.ts` → `render`; `words.ts` → itself. */
const folder = (file: string) => {
  const [first = file, second = ''] = file.split('/');
  return floorOf.has(`${first}/${second}`) ? `${first}/${second}` : first;
};

/** Everything that a file pulls in when the program runs, itself included; `atLoad`: when it is loaded. */
function reach(file: string, when: 'ever' | 'atLoad' = 'ever'): Set<string> {
  const seen = new Set([file]);
  const counts = ({ typesOnly, isLazy }: Import) => !typesOnly && (when === 'ever' || !isLazy);
  for (const one of seen) for (const each of imports) if (each.from === one && counts(each)) seen.add(each.to);
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
    ['@rails/actioncable', 'inputs/source'],
    ['prom-client', 'metrics'],
  ])('imports %s in src/%s alone', (name, home) => {
    const elsewhere = imports.filter(({ from, to }) => to === name && folder(from) !== home);
    expect(elsewhere.map(shown)).toEqual([]);
  });

  it('loads the list of platforms without their libraries, and every command but run without them', () => {
    const libraries = ['@discordjs/rest', '@discordjs/ws', 'matrix-js-sdk'];
    const loaded = ['adapters/platforms.ts', 'main.ts'].flatMap((file) => [...reach(file, 'atLoad')]);
    expect(loaded).toContain('adapters/discord/platform.ts');
    expect(loaded.filter((file) => libraries.includes(file))).toEqual([]);
    const ever = reach('adapters/platforms.ts');
    expect(libraries.filter((library) => !ever.has(library))).toEqual([]);
  });

  it('names files with their extension, and only files that exist in src', () => {
    const astray = imports.filter(({ to }) => /\.(ts|js)$/.test(to) && to.includes('/') && !isOurs(to));
    const bare = imports.filter(({ to }) => to.startsWith('..'));
    expect([...astray, ...bare].map(shown)).toEqual([]);
  });

  it('has a floor for every file of src', () => {
    expect(files.filter((file) => !floorOf.has(folder(file)))).toEqual([]);
  });

  it('goes down or stays in its folder, never up or across, not even by a type', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        isOurs(to) && folder(from) !== folder(to) && floorOf.get(folder(to))! <= floorOf.get(folder(from))!,
    );
    expect(wrong.map(shown)).toEqual([]);
  });

  it('has no loose file at the root of src but the start, the words, the ids of accounts and the log', () => {
    const loose = files.filter((file) => !file.includes('/'));
    expect(loose).toEqual(['account-id.ts', 'log.ts', 'lookout.js', 'main.ts', 'words.ts']);
  });

  it('keeps router, render, subjects and the rules of the outbox free of I/O, but for the loading of templates', () => {
    const pureFolders = ['router', 'render', 'subjects', 'outbox/rules'];
    // The packages and modules that touch files, sockets, processes or the clock by themselves.
    const io =
      /^node:(?!(?:crypto|util|url|path|buffer|assert|events|querystring|string_decoder|vm)$)|^(?:ws|pino|pino-pretty|prom-client|kysely|pg|matrix-js-sdk|@discordjs\/rest|@discordjs\/ws|undici|@rails\/actioncable)$/;
    const pure = files.filter((file) => pureFolders.includes(folder(file)) && file !== 'render/load-templates.ts');
    const wrong = pure.flatMap((file) => {
      const reached = [...reach(file)];
      return reached.filter((to) => io.test(to)).map((to) => `${file} reaches ${to}`);
    });
    expect(wrong).toEqual([]);
    const acting = /^(?:hub|store|http|log\.ts)/;
    const known = imports.filter(({ from, to }) => pureFolders.includes(folder(from)) && isOurs(to) && acting.test(to));
    expect(known.map(shown)).toEqual([]);
  });

  it('lets no part know that it is counted: only what connects the parts imports metrics', () => {
    const wrong = imports.filter(({ from, to }) => folder(to) === 'metrics' && folder(from) !== 'metrics');
    expect([...new Set(wrong.map(({ from }) => from))]).toEqual([
      'app/build-work.ts',
      'app/monitoring.ts',
      'command-line/command-line.ts',
    ]);
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

describe('the tests of the fast project', () => {
  it('start no process of Node: such tests are in test/e2e', () => {
    const tests = fileURLToPath(new URL('.', import.meta.url));
    const starting = readdirSync(tests, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts') && !name.startsWith('e2e'))
      .filter((name) =>
        /\/(?:child|lookout-process|row-process)\.ts'|process\.execPath/.test(readFileSync(join(tests, name), 'utf8')),
      );
    expect(starting).toEqual([]);
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
