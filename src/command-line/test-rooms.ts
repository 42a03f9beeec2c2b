import type { Platform } from '../adapters/platform.ts';
import type { Config } from '../config/config.ts';
import type { TestAnswer, Tested, TestRequest } from '../control/test-message.ts';
import { silentLevel, silentLog } from '../log.ts';
import { roomText } from '../rooms/named-room.ts';
import { StoreError } from '../store/store-errors.ts';
import { printedJson, printedRow } from '../text/printed.ts';
import { systemClock } from '../time/clock.ts';
import { formatDuration } from '../time/duration.ts';
import type { CommandLine } from './command-line.ts';
import { extensions } from './extensions.ts';
import { shellUser } from './shell-form.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** Default time for an answer of the platform, s. */
export const WAIT_S = 20;

export interface TestingParts {
  readonly config: Config;
  readonly platforms: readonly Platform[];
  readonly line: Pick<CommandLine, 'write' | 'version'> & {
    readonly terminal: Pick<Terminal, 'outColor' | 'outColumns'>;
  };
}

/** Sends a test message with the accounts of a configuration that no Lookout runs with. Throws a `StoreError` if one does. */
export async function testWithConfig(
  { config, platforms, line }: TestingParts,
  request: TestRequest,
): Promise<TestAnswer> {
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

/** Sends a test message into each room of a configuration that no Lookout runs with, and prints what came of each. */
export async function testEachRoom(
  parts: TestingParts & { readonly line: { readonly terminal: Pick<Terminal, 'out' | 'err'> } },
): Promise<ExitCode> {
  const { terminal } = parts.line;
  let code: ExitCode = 0;
  for (const { name } of parts.config.rooms) {
    const request = { room: name, by: shellUser(), waitMs: WAIT_S * 1_000, anyway: false };
    try {
      if (sayTested(await testWithConfig(parts, request), { json: false, kept: keptBy(parts.config) }, terminal) !== 0)
        code = 1;
    } catch (err) {
      if (!(err instanceof StoreError)) throw err;
      terminal.err(`${err.message}\n`);
      return 1;
    }
  }
  return code;
}

/** Where a message waits that was not sent: with a running Lookout, in a store that none runs on, or nowhere. */
type Kept = 'running' | 'stored' | 'lost';

interface Saying {
  readonly json: boolean;
  readonly kept: Kept;
}

/** Returns where a message waits that was sent without a running Lookout. */
export const keptBy = ({ store }: Pick<Config, 'store'>): Kept => (store.kind === 'memory' ? 'lost' : 'stored');

/** Returns what becomes of a message that was not sent, as a sentence. */
const waiting: Readonly<Record<Kept, string>> = {
  running: 'It waits like every message, and goes out as soon as it can.',
  stored: 'It waits in the store, and goes out once Lookout runs and can send it.',
  lost: 'It is given up, since `store: memory` keeps nothing.',
};

/** Prints what came of a test message. */
export function sayTested(
  tested: TestAnswer,
  { json, kept }: Saying,
  terminal: Pick<Terminal, 'out' | 'err'>,
): ExitCode {
  if (tested.outcome === 'unknown') {
    terminal.err(`${tested.error}\n`);
    return 1;
  }
  if (json) terminal.out(printedJson(tested));
  else if (tested.outcome === 'accepted') terminal.out(testedText(tested, kept));
  else terminal.err(testedText(tested, kept));
  return tested.outcome === 'accepted' ? 0 : 1;
}

/** Returns what came of a test message as lines. */
function testedText(tested: Tested, kept: Kept): string {
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
        `${waiting[kept]} \`lookout check --online\` says what is missing, and who can grant it.`,
      );
    case 'waits':
      return lines(`${room}: not there after ${formatDuration(tested.tookMs)}: ${tested.reason}`, waiting[kept]);
    case 'muted':
      return lines(
        `${room}: nothing was sent: ${tested.reason}`,
        `\`lookout mutes end ${tested.mute}\` ends that; --anyway sends all the same.`,
      );
    default:
      return tested satisfies never;
  }
}
