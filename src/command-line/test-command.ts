import { stripVTControlCharacters } from 'node:util';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { askRunning } from '../control/ask-running.ts';
import type { TestAnswer, Tested, TestRequest } from '../control/test-message.ts';
import { type CommandLine, configOption, jsonOption, withConfig, withStore } from './command-line.ts';
import type { NamedStore } from './named-store.ts';
import { shellUser } from './shell-form.ts';
import type { ExitCode } from './terminal.ts';
import { keptBy, sayTested, testWithConfig, WAIT_S } from './test-rooms.ts';

/** Largest time for an answer of the platform, s. */
const MOST_WAIT_S = 50;

interface TestOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly anyway?: boolean;
  readonly wait: number;
}

/** Adds `lookout test`. */
export function addTest(program: Command, line: CommandLine): void {
  program
    .command('test')
    .description(
      'send one message, labelled as a test, into a room, and say what came of it; also while `run` is not running',
    )
    .argument('<room>', 'its name in the configuration, or its address')
    .option('--anyway', 'also if the room is muted')
    .addOption(
      new Option('--wait <seconds>', 'time for an answer of the chat').default(WAIT_S).argParser((text) => {
        if (/^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= MOST_WAIT_S) return Number(text);
        throw new InvalidArgumentError(`expected a number from 1 to ${MOST_WAIT_S}.`);
      }),
    )
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (room: string, options: TestOptions) => line.end(await testCommand(line, room, options)));
}

/** Runs `lookout test`: has the running Lookout send the message, or sends it itself if none runs. */
async function testCommand(line: CommandLine, room: string, options: TestOptions): Promise<ExitCode> {
  const { terminal } = line;
  const { config, anyway = false, json = false, wait } = options;
  const request: TestRequest = { room, by: shellUser(), waitMs: wait * 1_000, anyway };
  return withStore(line, config, async (named) => {
    const asked = await askToTest(named, request);
    if (asked !== null) return sayTested(asked, { json, kept: 'running' }, terminal);
    if (terminal.errIsTerminal) terminal.err('no Lookout runs here: the message is sent without it\n');
    return withConfig(line, config, async (found, platforms) => {
      const parts = { config: found, platforms, line: json ? aside(line) : line };
      return sayTested(await testWithConfig(parts, request), { json, kept: keptBy(found) }, terminal);
    });
  });
}

/** Shows console rooms on standard error, so that standard output is one document. */
function aside(line: CommandLine): CommandLine {
  return { ...line, write: async (text) => line.terminal.err(stripVTControlCharacters(text)) };
}

/** Asks the running Lookout; null: none can be reached. */
async function askToTest(named: NamedStore, request: TestRequest): Promise<TestAnswer | null> {
  const asked = await askRunning(named, { method: 'POST', path: '/test', body: { ...request } });
  switch (asked.outcome) {
    case 'done':
      return asked.body as unknown as Tested;
    case 'refused':
      return { outcome: 'unknown', error: asked.error };
    case 'unreachable':
      return null;
    default:
      return asked satisfies never;
  }
}
