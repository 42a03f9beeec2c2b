import { Channel, createCable } from '@anycable/core';
import { adapters, createConsumer } from '@rails/actioncable';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { event, startTestHub } from './test-hub.ts';

/** The callbacks of a client library for one subscription. */
interface Heard {
  readonly answer: Promise<'confirmed' | 'rejected'>;
  /** Returns the next message, as the library passes it to its user. */
  next(): Promise<unknown>;
}

type Params = { channel: string; key: string; events: string };
type Client = (url: string) => { subscribe(params: Params): Heard; disconnect(): void };

function mailbox() {
  const messages: unknown[] = [];
  const waiting: ((message: unknown) => void)[] = [];
  const answer = Promise.withResolvers<'confirmed' | 'rejected'>();
  return {
    answer,
    receive(message: unknown) {
      const first = waiting.shift();
      if (first) first(message);
      else messages.push(message);
    },
    heard: {
      answer: answer.promise,
      next: () =>
        messages.length > 0 ? Promise.resolve(messages.shift()) : new Promise((resolve) => waiting.push(resolve)),
    } satisfies Heard,
  };
}

const rails: Client = (url) => {
  const consumer = createConsumer(url);
  return {
    subscribe(params) {
      const { heard, answer, receive } = mailbox();
      consumer.subscriptions.create(params, {
        connected: () => answer.resolve('confirmed'),
        rejected: () => answer.resolve('rejected'),
        received: receive,
      });
      return heard;
    },
    disconnect: () => consumer.disconnect(),
  };
};

class ApiChannel extends Channel<Omit<Params, 'channel'>> {
  static override readonly identifier = 'ApiChannel';
}

const anycable: Client = (url) => {
  const cable = createCable(url, { websocketImplementation: WebSocket });
  return {
    subscribe({ channel: _, ...params }) {
      const { heard, answer, receive } = mailbox();
      const channel = new ApiChannel(params);
      channel.on('connect', () => answer.resolve('confirmed'));
      channel.on('close', () => answer.resolve('rejected'));
      channel.on('message', receive);
      cable.subscribe(channel);
      return heard;
    },
    disconnect: () => cable.disconnect(),
  };
};

const host = globalThis as { addEventListener?: unknown; removeEventListener?: unknown };
const realSetTimeout = globalThis.setTimeout;
/** Test files share the library: `inputs/source` sets its own WebSocket there. */
const otherWebSocket = adapters.WebSocket;

beforeAll(() => {
  // The official client was written for browsers: it listens for the page to become visible.
  host.addEventListener = () => {};
  host.removeEventListener = () => {};
  adapters.WebSocket = WebSocket as never;
  // Both libraries forget timers of up to five seconds when they disconnect. These are theirs, not the hub's.
  globalThis.setTimeout = ((...args: Parameters<typeof realSetTimeout>) =>
    realSetTimeout(...args).unref()) as typeof realSetTimeout;
});

afterAll(() => {
  globalThis.setTimeout = realSetTimeout;
  adapters.WebSocket = otherWebSocket;
  delete host.addEventListener;
  delete host.removeEventListener;
});

describe.each([
  ['@rails/actioncable', rails],
  ['@anycable/core', anycable],
])('%s', (_, connect) => {
  async function start() {
    const test = await startTestHub();
    const client = connect(test.hub.url);
    onTestFinished(() => client.disconnect());
    return { ...test, ...client };
  }

  it('subscribes, is confirmed, and receives exactly the documented message', async () => {
    const { hub, key, subscribe } = await start();
    const heard = subscribe({ channel: 'ApiChannel', key, events: 'posts#create;feedbacks' });
    expect(await heard.answer).toBe('confirmed');
    const created = event('Post', 'create', {
      id: 3_000_000_001,
      title: '<b>&',
      tags: ['a'],
      native_id: null,
      is_tp: false,
    });
    const voted = event('Feedback', 'update', { id: 2, feedback_type: 'tp-', user_name: 'ü\u2028\u202e' });
    hub.publish(created);
    hub.publish(event('Post', 'update', { id: 3_000_000_001 }));
    hub.publish(voted);
    expect(await heard.next()).toEqual(created);
    expect(await heard.next()).toEqual(voted);
  });

  it('is rejected with a wrong key, and the socket accepts a right one afterwards', async () => {
    const { hub, key, subscribe } = await start();
    const wrong = subscribe({ channel: 'ApiChannel', key: 'wrong', events: 'posts' });
    expect(await wrong.answer).toBe('rejected');
    const right = subscribe({ channel: 'ApiChannel', key, events: 'posts' });
    expect(await right.answer).toBe('confirmed');
    expect(hub.clients).toBe(1);
    hub.publish(event('Post', 'create', { id: 1 }));
    expect(await right.next()).toMatchObject({ object: { id: 1 } });
  });

  it('keeps several subscriptions of one socket apart', async () => {
    const { hub, key, subscribe } = await start();
    const posts = subscribe({ channel: 'ApiChannel', key, events: 'posts' });
    const statistics = subscribe({ channel: 'ApiChannel', key, events: 'statistics' });
    expect([await posts.answer, await statistics.answer]).toEqual(['confirmed', 'confirmed']);
    hub.publish(event('Statistic', 'create', { id: 1 }));
    hub.publish(event('Post', 'create', { id: 2 }));
    expect(await posts.next()).toMatchObject({ event_class: 'Post' });
    expect(await statistics.next()).toMatchObject({ event_class: 'Statistic' });
  });

  it('is removed from the hub once it has disconnected', async () => {
    const { hub, key, subscribe, disconnect } = await start();
    await subscribe({ channel: 'ApiChannel', key, events: 'posts' }).answer;
    disconnect();
    await expect.poll(() => [hub.clients, hub.subscriptions]).toEqual([0, 0]);
  });
});
