import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { page } from '../../src/pictures/page.ts';
import { startTerminal } from './terminal.ts';
import { terminalSection } from './terminal-section.ts';

/** The program in a checkout. */
const program = fileURLToPath(new URL('../../src/lookout.js', import.meta.url));

/** The configuration and the events of docs/trying.md. */
const tryingFolder = fileURLToPath(new URL('../docs/trying', import.meta.url));

/** Columns of the terminal on the page. */
const columns = 140;

/** A command line as a reader types it, and the answers to its questions: each is typed when its question has appeared. */
interface Typed {
  readonly args: string;
  readonly answers: readonly { readonly question: string; readonly answer: string }[];
  /** The last text that it prints, or a part of it. */
  readonly until: string;
}

/** Returns a page with `lookout init`, whose questions are answered for a first try. */
export const initPage = (): Promise<string> =>
  commandsPage('lookout init', null, [
    {
      args: 'init',
      answers: [
        { question: 'The API key', answer: '' },
        { question: 'Chats', answer: 'none' },
        { question: 'Ask the source', answer: 'yes' },
        { question: 'Send a message', answer: 'yes' },
      ],
      until: 'Start it:',
    },
  ]);

/** Returns a page with what `lookout explain` says about the events of docs/trying.md. */
export const explainPage = (): Promise<string> =>
  commandsPage('lookout explain', tryingFolder, [{ args: 'explain events.jsonl', answers: [], until: 'triage  yes' }]);

/** Returns a page with one event as `lookout render` shows it in two chats. */
export const renderPage = (): Promise<string> =>
  commandsPage('lookout render', tryingFolder, [
    { args: 'render post --event events.jsonl', answers: [], until: 'Ines' },
    { args: 'render post --event events.jsonl --platform discord --as json', answers: [], until: '}' },
  ]);

/** Runs commands in a new folder, with copies of the files of another one, each on a terminal. Returns a page of what is seen. */
async function commandsPage(title: string, files: string | null, commands: readonly Typed[]): Promise<string> {
  const cwd = await mkdtemp(join(tmpdir(), 'lookout-picture-'));
  try {
    if (files !== null) await copyWithKey(files, cwd);
    const screens: string[] = [];
    for (const command of commands) screens.push(await run(command, cwd));
    return page(terminalSection(title, screens.join('\n')));
  } finally {
    await rm(cwd, { recursive: true });
  }
}

/** Copies a folder. Its configuration gets the key whose absence is warned of, as `lookout login` would write it. */
async function copyWithKey(files: string, cwd: string): Promise<void> {
  await cp(files, cwd, { recursive: true });
  const config = join(cwd, 'config.yaml');
  const text = await readFile(config, 'utf8');
  await writeFile(config, text.replace('_TOKEN}" }\nrooms', '_TOKEN}", store_key_file: store-key }\nrooms'));
  await writeFile(join(cwd, 'store-key'), randomBytes(32).toString('hex'), { mode: 0o600 });
}

async function run({ args, answers, until }: Typed, cwd: string): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: cwd };
  const terminal = startTerminal(`${process.execPath} ${program} ${args}`, { cwd, env, columns });
  try {
    for (const { question, answer } of answers) {
      await terminal.untilShown(question);
      terminal.type(`${answer}\r`);
    }
    await terminal.untilShown(until);
    const code = await terminal.ended;
    if (code !== 0) throw new Error(`lookout ${args} ended with ${code}:\n${terminal.screen}`);
    return `\u001b[1m$ npx lookout ${args}\u001b[22m\n${settled(terminal.screen)}`;
  } finally {
    await terminal.kill();
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const toColumn = /\u001b\[\d+G/g;

/**
 * Returns the lines that are left on the screen where questions were asked: readline goes to the first column, clears the rest, writes
 * the line anew, and goes to its end (ECMA-48: CHA, ED).
 */
function settled(screen: string): string {
  return screen
    .split('\n')
    .map((line) => (line.split('\u001b[1G\u001b[0J').at(-1) ?? '').replaceAll(toColumn, '').replaceAll('\r', ''))
    .join('\n');
}
