import { dirname } from 'node:path';
import { type Command, Option } from 'commander';
import { stringify } from 'yaml';
import type { Platform } from '../adapters/platform.ts';
import { platforms } from '../adapters/platforms.ts';
import { type PlatformSetup, SetupError } from '../adapters/setup.ts';
import { accountName } from '../config/read-chats.ts';
import { printedJson } from '../text/printed.ts';
import { type CommandLine, jsonOption } from './command-line.ts';
import { makeAccount } from './new-account.ts';
import type { ExitCode } from './terminal.ts';

interface LoginOptions {
  readonly config: string;
  readonly json?: boolean;
  readonly replace?: boolean;
  readonly account?: string;
  readonly [option: string]: string | boolean | undefined;
}

/** Adds `lookout login`, with a command for each chat that has accounts. */
export function addLogin(program: Command, line: CommandLine): void {
  const login = program.command('login').description('log the bot in, and write its token into a file');
  for (const platform of platforms) {
    const { setup } = platform;
    if (setup === null) continue;
    const command = login
      .command(platform.name)
      .description(`log the bot in on ${platform.title}, and write its token into a file that you alone can read`)
      .option('-c, --config <file>', 'the configuration that the token is for; its file goes beside it', 'config.yaml')
      .addOption(jsonOption())
      .option('--account <name>', 'the name of the account, if the configuration has several of this chat')
      .option('--replace', 'replace a token that is there, without a question');
    for (const { flags, says } of setup.options) command.addOption(new Option(flags, says));
    command.action(async (options: LoginOptions) => line.end(await loginCommand(platform, setup, options, line)));
  }
}

async function loginCommand(
  platform: Platform,
  setup: PlatformSetup,
  options: LoginOptions,
  line: CommandLine,
): Promise<ExitCode> {
  const { terminal } = line;
  const { config, json, replace, account = null, ...given } = options;
  const questions = line.openQuestions();
  try {
    if (account !== null && !accountName.test(account))
      throw new SetupError(`--account: "${account}" is not a name for an account: write 1 to 32 of a-z, 0-9 and -`);
    const folder = dirname(config);
    const request = { platform, account, setup, questions, given, folder, replaces: replace ?? false };
    const { name, settings } = await makeAccount(request, line);
    if (json) terminal.out(printedJson({ account: name, settings }));
    else {
      terminal.err(`Logged in as ${name}. These lines go into ${config}; then \`lookout check\`:\n\n`);
      terminal.out(stringify({ chats: { [platform.name]: account === null ? settings : [settings] } }));
    }
    return 0;
  } catch (err) {
    if (!(err instanceof SetupError)) throw err;
    terminal.err(`${err.message}\n`);
    return 1;
  }
}
