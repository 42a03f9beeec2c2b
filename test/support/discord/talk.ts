import { createTestClock, type TestClock } from '../test-clock.ts';
import { type DiscordDouble, startDiscordDouble } from './double.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed if it is JSON, otherwise text; null if there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever came over the wire, looked at by assertions only
  readonly body: any;
}

/** A double with a test clock, and a bot that sends requests without a library. */
export interface Talk {
  readonly double: DiscordDouble;
  readonly clock: TestClock;
  /** Sends a request to `/api/v10` + path with the bot's token. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
  /** Sends a message; a text is its content. */
  post(channel: string, form: string | object): Promise<Answered>;
}

export async function startTalk(options: { readonly mostInvalid?: number } = {}): Promise<Talk> {
  const clock = createTestClock();
  const double = await startDiscordDouble({ clock, ...options });
  const ask: Talk['ask'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${double.url}/v10${path}`, {
      method,
      headers: {
        authorization: `Bot ${double.bot.token}`,
        'user-agent': 'DiscordBot (https://example.org, 1.0)',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json';
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text || null };
  };
  return {
    double,
    clock,
    ask,
    post: (channel, form) =>
      ask('POST', `/channels/${channel}/messages`, typeof form === 'string' ? { content: form } : form),
  };
}
