import { inspect } from 'node:util';
import type { Account, Adapter } from '../../../src/adapters/adapter.ts';
import { createMatrixAdapter, type MatrixOptions } from '../../../src/adapters/matrix/matrix-adapter.ts';
import type { Log } from '../../../src/log.ts';
import type { Block, Message } from '../../../src/render/message.ts';
import { Secret } from '../../../src/secret.ts';
import { fakeToken, type Homeserver, startHomeserver } from '../../support/homeserver.ts';
import { createTestClock, type TestClock } from '../../support/test-clock.ts';

/** A Matrix adapter before a fake homeserver, with the clock of both in the test's hand. */
export interface Rig {
  readonly homeserver: Homeserver;
  readonly adapter: Adapter;
  readonly clock: TestClock;
  /** Everything that went to the log, unredacted: level, text and fields. */
  readonly said: string[];
  /** Addresses that were told of as changed. */
  readonly changed: string[];
  /** The stored sync position. */
  position: string | null;
  stop(): Promise<void>;
}

/** Waits for nothing. */
export const unhurried = new AbortController().signal;

export async function startRig(
  options: Partial<Pick<MatrixOptions, 'invite' | 'position' | 'homeserver' | 'onRoomChanged'>> & {
    startAt?: string;
  } = {},
): Promise<Rig> {
  const clock = createTestClock();
  const homeserver = await startHomeserver({ clock });
  const said: string[] = [];
  const changed: string[] = [];
  const position = {
    load: async (_: Account) => rig.position,
    save: async (_: Account, token: string) => {
      rig.position = token;
    },
  };
  const adapter = createMatrixAdapter({
    homeserver: homeserver.url,
    token: new Secret(fakeToken, 'the test'),
    invite: [],
    clock,
    log: listeningLog(said),
    onRoomChanged: (room) => changed.push(room),
    position,
    ...options,
  });
  const rig: Rig = {
    homeserver,
    adapter,
    clock,
    said,
    changed,
    position: options.startAt ?? null,
    async stop() {
      await adapter.stop();
      await homeserver.stop();
    },
  };
  return rig;
}

/** A log that keeps all it is told, errors with their causes too. */
export function listeningLog(lines: string[]): Log {
  const at = (level: string) => (fields: object, text: string) =>
    void lines.push(`${level} ${text} ${inspect(fields, { depth: 9 })}`);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Waits until `condition` holds; only for what real sockets decide, so a failure is the test's own time-out. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** A message with this body and nothing else, or with what is named besides. */
export function message(body: readonly Block[] | string, rest: Partial<Message> = {}): Message {
  const blocks: readonly Block[] =
    typeof body === 'string' ? [{ kind: 'paragraph', children: [{ kind: 'text', text: body }] }] : body;
  return {
    title: null,
    url: null,
    color: null,
    body: blocks,
    fields: [],
    footer: null,
    image: null,
    link: null,
    ...rest,
  };
}
