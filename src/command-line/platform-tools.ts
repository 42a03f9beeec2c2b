import { type Command, Option } from 'commander';
import { accountId, accountsOf, partsOfAccount } from '../account-id.ts';
import type { Platform } from '../adapters/platform.ts';
import { platforms } from '../adapters/platforms.ts';
import { SetupError } from '../adapters/setup.ts';
import type { PlatformTool, ToolParts, ToolResult } from '../adapters/tool.ts';
import { credentialsOf, encryptionOf } from '../app/adapter-stores.ts';
import type { Config } from '../config/config.ts';
import { oneOf } from '../config/one-of.ts';
import { either } from '../config/platform.ts';
import { openExisting, openHeld } from '../store/open-place.ts';
import { mayExist } from '../store/place.ts';
import type { Database } from '../store/tables.ts';
import { createWriter } from '../store/writer.ts';
import { printedJson, printedRow } from '../text/printed.ts';
import { systemClock } from '../time/clock.ts';
import type { AccountId } from '../words.ts';
import { type CommandLine, configOption, jsonOption, withConfig } from './command-line.ts';
import type { ExitCode } from './terminal.ts';

interface ToolOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly account?: string;
  readonly [option: string]: string | boolean | undefined;
}

/** Adds the commands that platforms have of their own: `lookout matrix verify`. */
export function addPlatformTools(program: Command, line: CommandLine): void {
  for (const platform of platforms) {
    if (platform.tools.length === 0) continue;
    const group = program.command(platform.name).description(`the bot’s account on ${platform.title}`);
    for (const tool of platform.tools) {
      const command = group
        .command(tool.name)
        .description(tool.says)
        .addOption(configOption())
        .addOption(jsonOption())
        .option('--account <name>', 'the name of the account, if the configuration has several of this chat');
      for (const { flags, says } of tool.options) command.addOption(new Option(flags, says));
      command.action(async ({ config, json, account, ...given }: ToolOptions) => {
        const call = { platform, account: account ?? null, tool, given, json: json ?? false };
        const run = (loaded: Config) => runTool(call, loaded, line);
        line.end(await withConfig(line, config, run));
      });
    }
  }
}

interface ToolCall {
  readonly platform: Platform;
  /** The name of the account; null: none was given. */
  readonly account: string | null;
  readonly tool: PlatformTool;
  readonly given: ToolParts['given'];
  readonly json: boolean;
}

async function runTool(call: ToolCall, config: Config, line: CommandLine): Promise<ExitCode> {
  const { tool, given } = call;
  const { terminal } = line;
  const id = accountMeant(config, call);
  const settings = id === null ? null : (config.chats[id] ?? null);
  if (id === null || settings === null) {
    terminal.err(`${config.file} ${missingText(config, call)}\n`);
    return 2;
  }
  try {
    const result = await withStoreOf(config, tool, (db) => {
      const stores = { db, writer: createWriter(db, systemClock), clock: systemClock };
      return tool.run(settings, {
        ...{ given, questions: line.openQuestions(), clock: systemClock, network: config.network },
        encryption: encryptionOf(stores, id),
        credentials: credentialsOf(db, id),
        // Ctrl-C ends the process, in which nothing is half done.
        signal: new AbortController().signal,
        say: (text) => terminal.err(`${text}\n`),
      });
    });
    terminal.out(call.json ? printedJson(result.json) : resultText(result));
    return result.isGood ? 0 : 1;
  } catch (err) {
    if (!(err instanceof SetupError)) throw err;
    terminal.err(`${err.message}\n`);
    return 1;
  }
}

/** Returns the account that is meant: the one that is named, else the one without a name, else the only one. Null: it is not clear. */
function accountMeant({ chats }: Config, { platform, account }: ToolCall): AccountId | null {
  if (account !== null) return accountId(platform.name, account);
  const known = accountsOf(chats, platform.name);
  return known.find((id) => id === platform.name) ?? (known.length === 1 ? known[0]! : null);
}

/** Returns the text of an error: no account fits the call. */
function missingText({ chats }: Config, { platform, account }: ToolCall): string {
  const names = accountsOf(chats, platform.name).flatMap((id) => partsOfAccount(id).name ?? []);
  if (names.length === 0)
    return account === null ? `has no chats.${platform.name}` : `has no account "${account}" in chats.${platform.name}`;
  if (account === null) return `has several accounts in chats.${platform.name}: add --account ${either(names)}`;
  return `has no account "${account}" in chats.${platform.name}: ${oneOf(names, account)}`;
}

/** Opens the store of a configuration; for a tool that works alone it is locked, as `run` does. */
async function withStoreOf<T>(
  { store, file }: Config,
  tool: PlatformTool,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  if (store.kind === 'memory')
    throw new SetupError(
      `${file}: \`store: memory\` keeps nothing after its process ends, so there is nothing to work with`,
    );
  const { db, close } = tool.store === 'alone' && mayExist(store) ? await openHeld(store) : await openExisting(store);
  return work(db).finally(close);
}

function resultText({ lines }: ToolResult): string {
  const wide = Math.max(...lines.map(([label]) => label.length));
  return lines
    .map(([label, text]) => (label === '' ? printedRow([text]) : printedRow([label.padEnd(wide), text])))
    .join('');
}
