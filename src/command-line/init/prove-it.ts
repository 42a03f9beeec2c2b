import type { Platform } from '../../adapters/platform.ts';
import type { Questions } from '../../adapters/setup.ts';
import { check } from '../../config/check.ts';
import type { Config } from '../../config/config.ts';
import { printedRow } from '../../text/printed.ts';
import { checkOnline, findingLines, findingsCode } from '../check-online.ts';
import { extensions } from '../extensions.ts';
import type { ExitCode } from '../terminal.ts';
import { testEachRoom } from '../test-rooms.ts';
import type { InitLine, InitOptions } from './init-command.ts';

/** Checks the file that was written, asks the source and the chats, and sends test messages, as far as that is wanted. */
export async function proveIt(options: InitOptions, questions: Questions, line: InitLine): Promise<ExitCode> {
  const { terminal, environment } = line;
  terminal.err(`\nWrote ${options.config}. \`lookout check\` says:\n\n`);
  const { config, platforms, lines, exitCode } = check(options.config, environment, extensions);
  terminal.out(lines.map((text) => printedRow([text])).join(''));
  if (config === null) return exitCode;
  const code = await askOnline(options, questions, line, { config, platforms });
  terminal.err(`\nStart it: ${startLine(options.config)}\n`);
  return code;
}

interface Written {
  readonly config: Config;
  readonly platforms: readonly Platform[];
}

async function askOnline(
  options: InitOptions,
  questions: Questions,
  line: InitLine,
  { config, platforms }: Written,
): Promise<ExitCode> {
  const { terminal } = line;
  const text = 'Ask the source and the chats now whether it will work? Nothing is sent into a room';
  const isAsked =
    options.online ?? (questions.isPerson && (await questions.confirm({ text, option: '--online', byDefault: 'yes' })));
  if (!isAsked) {
    terminal.err('\n`lookout check --online` asks the source and the chats whether it will work.\n');
    return options.test === true ? testEachRoom({ config, platforms, line }) : 0;
  }
  const found = await checkOnline({ config, joins: false, inputs: extensions.inputs, platforms });
  terminal.out(`\n${findingLines(found)}`);
  const code = findingsCode(found);
  return code === 0 ? offerTest(options, questions, line, { config, platforms }) : code;
}

/** Sends a test message into each room if that is wanted. */
async function offerTest(
  options: InitOptions,
  questions: Questions,
  line: InitLine,
  { config, platforms }: Written,
): Promise<ExitCode> {
  const names = config.rooms.map(({ name }) => name);
  const text = `Send a message, labelled as a test, into ${names.join(', ')} now?`;
  const isWanted =
    options.test ?? (questions.isPerson && (await questions.confirm({ text, option: '--test', byDefault: 'no' })));
  if (isWanted) return testEachRoom({ config, platforms, line });
  line.terminal.err(`\n\`lookout test ${names[0]}\` sends a test message into a room.\n`);
  return 0;
}

/** Returns the command that starts Lookout with a configuration, as it is typed in a checkout or in the installed package. */
function startLine(config: string): string {
  const isUsual = config === 'config.yaml';
  if (import.meta.url.endsWith('.ts')) return isUsual ? 'npm start' : `npm start -- -c ${config}`;
  return isUsual ? 'lookout run' : `lookout run -c ${config}`;
}
