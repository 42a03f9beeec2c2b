import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from '../adapters/platform.ts';
import { type NewSecret, type PlatformSetup, type Questions, SetupError } from '../adapters/setup.ts';
import { checkFolderOf } from '../adapters/writable-folder.ts';
import { directNetwork } from '../http/network.ts';
import { readProxies } from '../http/proxies.ts';
import { writePrivateFile } from '../secrets/write-private-file.ts';
import { systemClock } from '../time/clock.ts';
import type { CommandLine } from './command-line.ts';

export interface AccountRequest {
  readonly platform: Platform;
  /** The name of the account in the configuration; null: it has none. */
  readonly account: string | null;
  readonly setup: PlatformSetup;
  readonly questions: Questions;
  /** The answers that options gave, by their names in camel case. */
  readonly given: Readonly<Record<string, string | boolean | undefined>>;
  /** The folder of the configuration, in which the secrets get files of their own. */
  readonly folder: string;
  /** True: files that are there are replaced without a question. */
  readonly replaces: boolean;
}

/** The parts of a command line that a new account needs. */
type AccountLine = Pick<CommandLine, 'environment'> & { readonly terminal: Pick<CommandLine['terminal'], 'err'> };

/** An account whose secrets are in files. */
export interface KeptAccount {
  readonly name: string;
  /** The block of the account in `chats.<platform>`. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Logs in, and writes each secret into a file that its owner alone can read. Throws a `SetupError` if a person must act. */
export async function makeAccount(request: AccountRequest, line: AccountLine): Promise<KeptAccount> {
  const { setup, questions, given, folder, account } = request;
  const { environment, terminal } = line;
  checkFolderOf(join(folder, fileName(request, 'token')));
  await confirmReplacing(request);
  const { proxies, problems } = readProxies(environment);
  if (problems[0] !== undefined) throw new SetupError(`${problems[0].wrong}: ${problems[0].right}`);
  const kept = setup.madeOnce.filter((key) => existsSync(join(folder, fileName(request, key))));
  const made = await setup.logIn({
    // Ctrl-C ends the process, in which nothing is half done.
    ...{ questions, given, kept, clock: systemClock, signal: new AbortController().signal },
    network: { ...directNetwork, proxies },
    say: (text) => terminal.err(`${text}\n`),
  });
  const settings: Record<string, string> = { ...(account !== null && { name: account }), ...made.settings };
  for (const key of kept) settings[`${key}_file`] = fileName(request, key);
  for (const secret of made.secrets) {
    const name = fileName(request, secret.key);
    if (await keep(secret, join(folder, name), terminal)) settings[`${secret.key}_file`] = name;
  }
  return { name: made.name, settings };
}

/** Writes a secret into its file, and puts it in use. Returns false if it is of no use. */
async function keep(
  { key, value, activate }: NewSecret,
  file: string,
  terminal: AccountLine['terminal'],
): Promise<boolean> {
  const name = key.replaceAll('_', ' ');
  writePrivateFile(file, `${value}\n`, 'replace');
  const useless = (await activate?.()) ?? null;
  if (useless !== null) {
    rmSync(file);
    terminal.err(`There is no ${name}: ${useless}\n`);
    return false;
  }
  terminal.err(`The ${name} is in ${file}, which you alone can read.\n`);
  return true;
}

/** `matrix-refresh-token`, `matrix-eu-refresh-token` */
const fileName = ({ platform, account }: Pick<AccountRequest, 'platform' | 'account'>, key: string) =>
  [platform.name, ...(account === null ? [] : [account]), key.replaceAll('_', '-')].join('-');

/** Returns the block of an account whose token is in its file already, if a person wants to go on with that; else null. */
export async function keptAccount(request: AccountRequest): Promise<Readonly<Record<string, string>> | null> {
  const { platform, setup, questions, folder, replaces } = request;
  const possible = [...setup.secrets, ...setup.madeOnce];
  const there = possible.filter((key) => existsSync(join(folder, fileName(request, key))));
  if (replaces || there.length === 0) return null;
  const files = Object.fromEntries(there.map((key) => [`${key}_file`, fileName(request, key)]));
  const text = `${Object.values(files).join(' and ')} ${there.length === 1 ? 'is' : 'are'} there already. Use it?`;
  if (!(await questions.confirm({ text, option: '--replace', byDefault: 'yes' }))) return null;
  const settings: Record<string, string> = {};
  for (const [name, key] of Object.entries(platform.settings.keys))
    if (key.isRequired) settings[name] = await questions.ask({ text: `${name}: ${key.says}`, option: null });
  return { ...settings, ...files };
}

/** Asks before anything is done: a login makes a new session, and a file that is replaced is gone. */
async function confirmReplacing(request: AccountRequest): Promise<void> {
  const { setup, questions, folder, replaces } = request;
  const there = setup.secrets.map((key) => join(folder, fileName(request, key))).filter((file) => existsSync(file));
  if (there.length === 0 || replaces) return;
  const text = `${there.join(' and ')} ${there.length === 1 ? 'is' : 'are'} there already`;
  if (!questions.isPerson)
    throw new SetupError(`${text}: move ${there.length === 1 ? 'it' : 'them'} away, or give --replace`);
  const isWanted = await questions.confirm({ text: `${text}. Replace it?`, option: '--replace', byDefault: 'no' });
  if (!isWanted) throw new SetupError('nothing was changed');
}
