import { inspect } from 'node:util';
import type { Account, Adapter, Listener } from '../../../src/adapters/adapter.ts';
import { createMatrixAdapter, type MatrixOptions } from '../../../src/adapters/matrix/matrix-adapter.ts';
import type { Log } from '../../../src/log.ts';
import type { Block, Message } from '../../../src/render/message.ts';
import { fakeToken, type Homeserver, startHomeserver } from '../../support/homeserver.ts';
import { createListener } from '../../support/listener.ts';
import { matrixOptions } from '../../support/matrix-options.ts';
import { createTestClock, type TestClock } from '../../support/test-clock.ts';

/** A Matrix adapter before a fake homeserver, with the clock of both in the test's hand. */
export interface Rig {
  readonly homeserver: Homeserver;
  readonly adapter: Adapter;
  readonly clock: TestClock;
  /** Whether anything waits for exactly so long. Requests are told apart by their own time-outs: 29 s, a poll 59 s, a join 120 s. */
  waits(delayMs: number): boolean;
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

export async function startRig({
  people,
  startAt,
  ...options
}: Partial<
  Pick<
    MatrixOptions,
    'invite' | 'position' | 'homeserver' | 'network' | 'token' | 'refreshToken' | 'clientId' | 'credentials'
  >
> & {
  startAt?: string;
  /** What the adapter tells of people and rooms; null: it does not listen. */
  people?: Partial<Listener> | null;
} = {}): Promise<Rig> {
  const delays: number[] = [];
  const clock = listening(createTestClock(), delays);
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
    ...matrixOptions(homeserver.url, fakeToken),
    requestTimeoutMs: 29_000,
    clock,
    log: listeningLog(said),
    position,
    ...options,
  });
  if (people !== null) adapter.listen(createListener({ onRoomChanged: (room) => void changed.push(room), ...people }));
  const rig: Rig = {
    homeserver,
    adapter,
    clock,
    waits: (delayMs) => delays.includes(delayMs),
    said,
    changed,
    position: startAt ?? null,
    async stop() {
      await adapter.stop();
      await homeserver.stop();
    },
  };
  return rig;
}

/** Keeps in `delays` how long each pending timer was set for. */
function listening(clock: TestClock, delays: number[]): TestClock {
  return Object.create(clock, {
    after: {
      value(delayMs: number, callback: () => void) {
        let pending = true;
        const once = (then: () => void) => {
          if (pending) delays.splice(delays.indexOf(delayMs), 1);
          pending = false;
          then();
        };
        delays.push(delayMs);
        const cancel = clock.after(delayMs, () => once(callback));
        return () => once(cancel);
      },
    },
  });
}

/** A log that keeps all it is told, errors with their causes too. */
function listeningLog(lines: string[]): Log {
  const at = (level: string) => (fields: object, text: string) =>
    void lines.push(`${level} ${text} ${inspect(fields, { depth: 9 })}`);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
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
