import { type Command, Option } from 'commander';
import type { Platform } from '../adapters/platform.ts';
import { platforms } from '../adapters/platforms.ts';
import { SetupError } from '../adapters/setup.ts';
import type { PlatformTool, ToolParts, ToolResult } from '../adapters/tool.ts';
import { credentialsOf, encryptionOf } from '../app/adapter-stores.ts';
import type { Config } from '../config/config.ts';
import { openExisting, openHeld } from '../store/open-place.ts';
import { mayExist } from '../store/place.ts';
import type { Database } from '../store/tables.ts';
import { createWriter } from '../store/writer.ts';
import { printedJson, printedRow } from '../text/printed.ts';
import { systemClock } from '../time/clock.ts';
import { type CommandLine, configOption, jsonOption, withConfig } from './command-line.ts';
import type { ExitCode } from './terminal.ts';

interface ToolOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly [option: string]: string | boolean | undefined;
}

/** Adds the commands that platforms have of their own: `lookout matrix verify`. */
export function addPlatformTools(program: Command, line: CommandLine): void {
  for (const platform of platforms) {
    if (platform.tools.length === 0) continue;
    const group = program.command(platform.name).description(`the bot’s account on ${platform.title}`);
    for (const tool of platform.tools) {
      const command = group.command(tool.name).description(tool.says).addOption(configOption()).addOption(jsonOption());
      for (const { flags, says } of tool.options) command.addOption(new Option(flags, says));
      command.action(async ({ config, json, ...given }: ToolOptions) => {
        const run = (loaded: Config) => runTool({ platform, tool, given, json: json ?? false }, loaded, line);
        line.end(await withConfig(line, config, run));
      });
    }
  }
}

interface ToolCall {
  readonly platform: Platform;
  readonly tool: PlatformTool;
  readonly given: ToolParts['given'];
  readonly json: boolean;
}

async function runTool(call: ToolCall, config: Config, line: CommandLine): Promise<ExitCode> {
  const { platform, tool, given } = call;
  const { terminal } = line;
  const settings = config.chats[platform.name] ?? null;
  if (settings === null) {
    terminal.err(`${config.file} has no chats.${platform.name}\n`);
    return 2;
  }
  try {
    const result = await withStoreOf(config, tool, (db) => {
      const stores = { db, writer: createWriter(db, systemClock), clock: systemClock };
      return tool.run(settings, {
        ...{ given, questions: line.openQuestions(), clock: systemClock, network: config.network },
        encryption: encryptionOf(stores, platform.name),
        credentials: credentialsOf(db, platform.name),
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
