import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { Platform } from '../../adapters/platform.ts';
import { platforms } from '../../adapters/platforms.ts';
import { type Questions, SetupError } from '../../adapters/setup.ts';
import { terminalPlatform } from '../../adapters/terminal-platform.ts';
import { checkFolderOf } from '../../adapters/writable-folder.ts';
import { sourceKeys } from '../../config/keys.ts';
import { problemOf, readSecretFile } from '../../config/read-secret.ts';
import { writePrivateFile } from '../../secrets/write-private-file.ts';
import type { CommandLine } from '../command-line.ts';
import { extensions } from '../extensions.ts';
import { keptAccount, makeAccount } from '../new-account.ts';
import type { ExitCode, Terminal } from '../terminal.ts';
import { askRooms, exampleAddress, readRoom } from './ask-room.ts';
import { type Answers, configText, type RoomAnswer } from './config-text.ts';
import { proveIt } from './prove-it.ts';

/** The parts of a command line that `init` needs. */
export type InitLine = Pick<CommandLine, 'environment' | 'openQuestions' | 'write' | 'version'> & {
  readonly terminal: Pick<Terminal, 'out' | 'err' | 'outColor' | 'outColumns'>;
};

export interface InitOptions {
  readonly config: string;
  readonly replace?: boolean;
  readonly demo?: boolean;
  readonly keyFile?: string;
  readonly chats?: string;
  readonly room?: readonly string[];
  readonly events: string;
  readonly online?: boolean;
  readonly test?: boolean;
}

/** The platforms on which the bot has an account. */
const withAccounts = extensions.platforms.flatMap(({ name, setup }) => (setup === null ? [] : [name]));

/** Adds `lookout init`. */
export function addInit(program: Command, line: CommandLine): void {
  program
    .command('init')
    .description('ask a few questions, and write a configuration from the answers; secrets go into files beside it')
    .option('-c, --config <file>', 'the configuration to write', 'config.yaml')
    .option('--replace', 'replace a configuration and tokens that are there, without a question')
    .option('--demo', 'made-up events instead of those of metasmoke, which need a key')
    .option('--key-file <file>', 'the file with the API key; its path is written into the configuration')
    .option('--chats <names>', `the chats, with commas: ${withAccounts.join(',')}; none: your terminal alone`)
    .option('--room <name=address...>', `rooms, instead of questions for them: smoke=${exampleAddress()}`)
    .option(
      '--events <what>',
      'what the rooms of --room get: reports, votes, flags, deletions, or an event spec',
      'reports',
    )
    .option('--online', 'ask the source and the chats at the end, as `lookout check --online` does')
    .option('--no-online', 'do not ask them')
    .option('--test', 'then send a message, labelled as a test, into each room, as `lookout test` does')
    .option('--no-test', 'send none')
    .action(async (options: InitOptions) => line.end(await initCommand(options, line)));
}

/** Runs `lookout init`. Nothing but secrets is written before the last answer. */
export async function initCommand(options: InitOptions, line: InitLine): Promise<ExitCode> {
  const questions = line.openQuestions();
  try {
    checkFolderOf(options.config);
    await confirmReplacing(options, questions);
    const answers = await ask(options, questions, line);
    writePrivateFile(options.config, configText(answers), 'replace');
    return await proveIt(options, questions, line);
  } catch (err) {
    if (!(err instanceof SetupError)) throw err;
    line.terminal.err(`${err.message}\n`);
    return 1;
  }
}

async function confirmReplacing({ config, replace }: InitOptions, questions: Questions): Promise<void> {
  if (!existsSync(config) || replace) return;
  const text = `${config} is there already`;
  if (!questions.isPerson) throw new SetupError(`${text}: move it away, name another file with -c, or give --replace`);
  const isWanted = await questions.confirm({ text: `${text}. Replace it?`, option: '--replace', byDefault: 'no' });
  if (!isWanted) throw new SetupError('nothing was changed');
}

async function ask(options: InitOptions, questions: Questions, line: InitLine): Promise<Answers> {
  const given = (options.room ?? []).map((text) => readRoom(text, options.events));
  const source = await askSource(options, questions, line);
  const chosen = await askChats(options, questions, given);
  const folder = dirname(options.config);
  const chats: Record<string, Readonly<Record<string, string>>> = {};
  const rooms: RoomAnswer[] = [...given];
  for (const platform of chosen) {
    const { setup } = platform;
    if (setup === null) continue;
    line.terminal.err(`\n${platform.title}\n`);
    const request = {
      platform,
      account: null,
      setup,
      questions,
      given: {},
      folder,
      replaces: options.replace ?? false,
    };
    chats[platform.name] = (await keptAccount(request)) ?? (await makeAccount(request, line)).settings;
    const taken = rooms.map(({ name }) => name);
    if (given.length === 0) rooms.push(...(await askRooms(platform, questions, taken)));
  }
  if (rooms.length === 0) rooms.push(readRoom(`smoke=${terminalPlatform}:smoke`, options.events));
  return { schema: schemaPath(folder), source, chats, rooms };
}

/** The shipped schema, as a path from the folder of a configuration. */
function schemaPath(folder: string): string {
  return relative(folder, fileURLToPath(new URL('../../../config.schema.json', import.meta.url)));
}

async function askSource(
  { demo, keyFile, config }: InitOptions,
  questions: Questions,
  { terminal }: InitLine,
): Promise<Answers['source']> {
  const { url, api } = sourceKeys(extensions.inputs);
  const addresses = { url: url.example ?? '', api: api.example ?? '' };
  if (demo) return null;
  const folder = dirname(config);
  if (keyFile !== undefined) {
    const read = readSecretFile(keyFile, 'key');
    if (read.outcome === 'wrong') throw new SetupError(`--key-file: ${keyFile}: ${read.wrong}: ${read.right}`);
    return { ...addresses, keyFile: relative(folder, keyFile) };
  }
  const name = 'metasmoke-key';
  const file = join(folder, name);
  if (existsSync(file)) {
    terminal.err(`Using the API key in ${file}.\n`);
    return { ...addresses, keyFile: name };
  }
  const key = await questions.askSecret({
    text: `The API key of ${extensions.inputs[0].name}, from one of its admins (Enter: begin with made-up events)`,
    option: '--key-file or --demo',
    byDefault: 'demo',
    check: (text) => problemOf(text, 'key'),
  });
  if (key === 'demo') return null;
  writePrivateFile(file, `${key}\n`, 'refuse');
  terminal.err(`The key is in ${file}, which you alone can read.\n`);
  return { ...addresses, keyFile: name };
}

/** Returns the chats that are set up: those of `--chats`, of `--room`, or of an answer. */
async function askChats(
  { chats }: InitOptions,
  questions: Questions,
  rooms: readonly { readonly platform: string }[],
): Promise<readonly Platform[]> {
  const possible = platforms.filter(({ setup }) => setup !== null);
  const names = possible.map(({ name }) => name);
  if (chats === undefined && rooms.length > 0)
    return possible.filter(({ name }) => rooms.some(({ platform }) => platform === name));
  const read = (text: string) => (text === 'none' ? [] : text.split(',').map((name) => name.trim().toLowerCase()));
  const answer = await questions.ask({
    text: `Chats (${names.join(', ')}, several with commas; none: your terminal alone)`,
    option: '--chats',
    given: chats,
    byDefault: 'none',
    check(text) {
      const unknown = read(text).find((name) => !names.includes(name));
      return unknown === undefined ? null : `"${unknown}" is not one of ${names.join(', ')}, none`;
    },
  });
  return possible.filter(({ name }) => read(answer).includes(name));
}
