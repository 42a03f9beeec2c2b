import { stripVTControlCharacters } from 'node:util';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Platform } from '../adapters/platform.ts';
import type { Config } from '../config/config.ts';
import { askRunning } from '../control/ask-running.ts';
import type { TestAnswer, Tested, TestRequest } from '../control/test-message.ts';
import { silentLevel, silentLog } from '../log.ts';
import { roomText } from '../rooms/named-room.ts';
import { printedJson, printedRow } from '../text/printed.ts';
import { systemClock } from '../time/clock.ts';
import { formatDuration } from '../time/duration.ts';
import { type CommandLine, configOption, jsonOption, withConfig, withStore } from './command-line.ts';
import { extensions } from './extensions.ts';
import type { NamedStore } from './named-store.ts';
import { shellUser } from './shell-form.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** Default and largest time for an answer of the platform, s. */
const WAIT_S = 20;
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
    if (asked !== null) return sayTested(asked, json, terminal);
    if (terminal.errIsTerminal) terminal.err('no Lookout runs here: the message is sent without it\n');
    return withConfig(line, config, async (found, platforms) =>
      sayTested(
        await testWithConfig({ config: found, platforms, line: json ? aside(line) : line }, request),
        json,
        terminal,
      ),
    );
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

interface TestingParts {
  readonly config: Config;
  readonly platforms: readonly Platform[];
  readonly line: Pick<CommandLine, 'write' | 'version'> & {
    readonly terminal: Pick<Terminal, 'outColor' | 'outColumns'>;
  };
}

/** Sends a test message with the accounts of a configuration that no Lookout runs with. Throws a `StoreError` if one does. */
async function testWithConfig({ config, platforms, line }: TestingParts, request: TestRequest): Promise<TestAnswer> {
  // The chats' libraries take long to load.
  const [{ testAlone }, { safeguards }] = await Promise.all([
    import('../app/test-alone.ts'),
    import('../app/safeguards.ts'),
  ]);
  const { write, version, terminal } = line;
  return testAlone(
    {
      ...{ config, platforms, write, version, safeguards, inputs: extensions.inputs, clock: systemClock },
      ...{ log: silentLog, logLevel: silentLevel, readConfig: null, input: null },
      ...{ color: terminal.outColor, columns: terminal.outColumns },
    },
    request,
  );
}

function sayTested(tested: TestAnswer, json: boolean, terminal: Terminal): ExitCode {
  if (tested.outcome === 'unknown') {
    terminal.err(`${tested.error}\n`);
    return 1;
  }
  if (json) terminal.out(printedJson(tested));
  else if (tested.outcome === 'accepted') terminal.out(testedText(tested));
  else terminal.err(testedText(tested));
  return tested.outcome === 'accepted' ? 0 : 1;
}

/** Returns what came of a test message as lines. */
function testedText(tested: Tested): string {
  const room = roomText({ name: tested.room, address: tested.address });
  const lines = (...texts: readonly string[]) => texts.map((text) => printedRow([text])).join('');
  switch (tested.outcome) {
    case 'accepted':
      return lines(
        `${room}: accepted after ${formatDuration(tested.tookMs)}: ${tested.link ?? `message ${tested.id}`}`,
      );
    case 'rejected':
      return lines(`${room}: the message was rejected: ${tested.reason}`, 'It is not sent again.');
    case 'refused':
      return lines(
        `${room}: takes no messages: ${tested.reason}`,
        'The test message waits, and goes out when that is mended. `lookout check --online` says what is missing, and who can grant it.',
      );
    case 'waits':
      return lines(
        `${room}: not there after ${formatDuration(tested.tookMs)}: ${tested.reason}`,
        'It waits like every message, and goes out as soon as it can.',
      );
    case 'muted':
      return lines(
        `${room}: nothing was sent: ${tested.reason}`,
        `\`lookout mutes end ${tested.mute}\` ends that; --anyway sends all the same.`,
      );
    default:
      return tested satisfies never;
  }
}
