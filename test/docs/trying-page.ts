import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './pages.ts';

/** The configuration and the events of the page's examples. */
const folder = join(root, 'test/docs/trying');

/** Returns the files of the examples. */
export function tryingFiles(): string {
  return [
    fenced('yaml', shown('config.yaml')),
    '`events.jsonl`, an evening in winter:',
    fenced('json', shown('events.jsonl')),
  ].join('\n\n');
}

/** Returns what `lookout explain` prints. */
export const explainExample = (): string => outputOf(0, 'explain', 'events.jsonl');

/** Returns a file of expectations and what `lookout explain --expect` prints for it. */
export function expectExample(): string {
  return [fenced('yml', shown('expect.yaml')), outputOf(1, 'explain', 'events.jsonl', '--expect', 'expect.yaml')].join(
    '\n\n',
  );
}

/** Returns messages as `lookout render` prints them. */
export const renderExample = (): string =>
  [
    ['--platform', 'matrix'],
    ['--platform', 'console'],
  ]
    .map((args) => outputOf(0, 'render', 'post', '--event', 'events.jsonl', ...args))
    .join('\n\n');

/** Returns what `lookout replay --dry-run` counts. */
export const replayExample = (): string => outputOf(0, 'replay', 'events.jsonl', '--dry-run');

const shown = (name: string) => readFileSync(join(folder, name), 'utf8').trimEnd();
const fenced = (language: string, text: string) => `\`\`\`${language}\n${text}\n\`\`\``;

/** Runs a command as a reader would. Returns it with everything that it prints. Fails if it ends with another code. */
function outputOf(code: number, ...args: readonly string[]): string {
  const program = join(root, 'src/lookout.js');
  const env = { PATH: process.env.PATH };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  if (status !== code) throw new Error(`lookout ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return [fenced('sh', `npx lookout ${args.join(' ')}`), fenced('text', (stdout + stderr).trimEnd())].join('\n\n');
}
