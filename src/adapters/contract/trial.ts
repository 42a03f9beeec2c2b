import { inspect } from 'node:util';
import type { Message } from '../../render/message.ts';
import type { SendAction, SendRequest, SendResult } from '../adapter.ts';
import type { Ability, ContractOptions, During, Fault, Harness } from './harness.ts';
import type { Runner } from './runner.ts';

export const never: AbortSignal = new AbortController().signal;
export const link = 'https://metasmoke.erwaysoftware.com/post/123456';
let keys = 0;
export const newKey = (): string => `key${String(++keys).padStart(19, '0')}`;

/** A harness of its own for each test, and what the tests do with it. */
export interface Trial extends Pick<Runner, 'it' | 'expect'> {
  readonly cannot: ContractOptions['cannot'];
  readonly harness: Harness;
  /** Everything that the adapter answered. */
  readonly results: unknown[];
  send(message: Message, key?: string, during?: During): Promise<SendResult>;
  /** Sends a message, and returns the platform's id. */
  sent(message: Message): Promise<string>;
  /** Returns a request about a message: with the message `what`, or the emoji. */
  about(action: SendAction, what: Message | string, key?: string): SendRequest & { readonly action: SendAction };
  /** Performs it, and returns the platform's id. */
  act(action: SendAction, what: Message | string): Promise<string>;
  /** Sends a message during `fault`. */
  sendInto(fault: Fault, message?: Message, key?: string): Promise<SendResult>;
  /** Adds a test that some platforms cannot have. */
  where(what: Fault | Ability, title: string, run: () => Promise<void>): void;
}

/** Starts a harness before each test, and stops it after the test, of which nothing may show the secret. */
export function createTrial(runner: Runner, { cannot, start }: ContractOptions): Trial {
  const { it, expect } = runner;
  const results: unknown[] = [];
  let harness: Harness;

  runner.beforeEach(async () => {
    results.length = 0;
    harness = await start();
  });

  runner.afterEach(async () => {
    await harness.stop();
    if (harness.secret === null) return;
    expect(inspect(results, { depth: 9 })).not.toContain(harness.secret);
    expect(harness.said.join('\n')).not.toContain(harness.secret);
  });

  const trial: Trial = {
    ...{ it, expect, cannot, results },
    get harness() {
      return harness;
    },
    async send(message, key = newKey(), during) {
      const { adapter, room } = harness;
      const sending = adapter.send({ room, key, payload: adapter.format(message, key, room) }, never);
      if (during) await during();
      const result = await sending;
      results.push(result);
      return result;
    },
    async sent(message) {
      return idOf(await trial.send(message));
    },
    about(action, what, key = newKey()) {
      const { adapter, room } = harness;
      return { room, key, payload: typeof what === 'string' ? what : adapter.format(what, key, room), action };
    },
    async act(action, what) {
      const result = await harness.adapter.send(trial.about(action, what), never);
      results.push(result);
      return idOf(result);
    },
    async sendInto(fault, message = says('hello'), key = newKey()) {
      const arrange = harness.faults[fault];
      if (!arrange) throw new Error(`the harness neither arranges "${fault}" nor says why it cannot happen`);
      return trial.send(message, key, await arrange());
    },
    where(what, title, run) {
      if (cannot[what] === undefined) it(title, run);
    },
  };
  return trial;
}

function idOf(result: SendResult): string {
  if (result.outcome !== 'sent') throw new Error(`${result.outcome}: ${result.reason}`);
  return result.platformId;
}

export function says(text: string): Message {
  return {
    title: null,
    url: null,
    color: null,
    body: [{ kind: 'paragraph', children: [{ kind: 'text', text }] }],
    fields: [],
    footer: null,
    image: null,
    link: null,
  };
}
