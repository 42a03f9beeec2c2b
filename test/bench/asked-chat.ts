import { once } from 'node:events';
import { WebSocket } from 'ws';
import { startDiscordDouble } from '../support/discord/double.ts';
import { fakeToken, startHomeserver } from '../support/homeserver.ts';

export type ChatName = 'discord' | 'matrix';

/** A chat in which people ask a bot. */
export interface AskedChat {
  /** As the configuration writes it. */
  readonly room: string;
  /** What stands under `chats.<name>`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Resolves when the bot listens. */
  ready(): Promise<void>;
  /** Somebody asks; resolves when the answer is shown. */
  ask(person: number, command: string, options: Readonly<Record<string, string>>): Promise<void>;
  /** Instead of a bot: whoever asks is answered as soon as a client without any library can. */
  answerAtOnce(): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

export function startAskedChat(name: ChatName): Promise<AskedChat> {
  return name === 'discord' ? startDiscord() : startMatrix();
}

/** Waits for what another process does, by looking every half millisecond. */
async function until(condition: () => boolean): Promise<void> {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > 30_000) throw new Error(`waited 30 s for: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 0.5));
  }
}

async function startDiscord(): Promise<AskedChat> {
  const double = await startDiscordDouble();
  const channel = double.createChannel();
  const headers = {
    authorization: `Bot ${double.bot.token}`,
    'content-type': 'application/json',
    'user-agent': 'DiscordBot (https://example.org, 1.0)',
  };
  const isRegistered = () => double.commands().some(({ name }) => name === 'subscribe');
  return {
    room: `discord:${channel}`,
    config: { api: double.url, token: double.bot.token },
    ready: () => until(isRegistered),
    async ask(person, slash, options) {
      const shown = await double.act(channel, { id: `${10_000 + person}`, may: ['ManageChannels'] }, { slash, options })
        .answer;
      if (!/now hears|done/.test(shown.content)) throw new Error(shown.content);
    },
    async answerAtOnce() {
      const named = ['events', 'where'].map((name) => ({ type: 3, name, description: name, autocomplete: true }));
      await fetch(`${double.url}/v10/applications/${double.bot.id}/commands`, {
        method: 'PUT',
        headers,
        body: JSON.stringify([{ type: 1, name: 'subscribe', description: 'x', options: named }]),
      });
      const { url } = (await (await fetch(`${double.url}/v10/gateway/bot`, { headers })).json()) as { url: string };
      const socket = new WebSocket(`${url}?v=10&encoding=json`);
      const properties = { os: 'linux', browser: 'bare', device: 'bare' };
      socket.on('message', (data) => {
        const { op, t, d } = JSON.parse(String(data)) as { op: number; t: string; d: { id: string; token: string } };
        if (op === 10) socket.send(JSON.stringify({ op: 2, d: { token: double.bot.token, properties, intents: 0 } }));
        if (t === 'INTERACTION_CREATE')
          void fetch(`${double.url}/v10/interactions/${d.id}/${d.token}/callback`, {
            method: 'POST',
            headers,
            body: JSON.stringify({ type: 4, data: { content: 'done' } }),
          });
      });
      await until(() => double.gateway.identified === 1);
      return async () => {
        socket.close();
        await once(socket, 'close');
      };
    },
    stop: () => double.stop(),
  };
}

/** So many people may change the room. */
const people = 100;

async function startMatrix(): Promise<AskedChat> {
  const homeserver = await startHomeserver();
  const person = (index: number) => `@person${index}:fake.test`;
  const everybody = Array.from({ length: people }, (_, index) => person(index));
  const room = homeserver.rooms.create({
    members: { [homeserver.user]: 'join', ...Object.fromEntries(everybody.map((id) => [id, 'join' as const])) },
    powerLevels: { users: Object.fromEntries(everybody.map((id) => [id, 50])) },
  });
  const answers = () =>
    homeserver.rooms
      .get(room)
      .events.filter(({ sender, type }) => sender === homeserver.user && type === 'm.room.message');
  const polls = () => homeserver.seen.some(({ path, query }) => path === '/sync' && query.get('timeout') === '30000');
  return {
    room: `matrix:${room}`,
    config: { homeserver: homeserver.url, token: fakeToken },
    ready: () => until(polls),
    async ask(index, command, options) {
      const before = answers().length;
      const body = `!${command} ${Object.entries(options)
        .map(([name, value]) => `--${name} '${value}'`)
        .join(' ')}`;
      const content = { msgtype: 'm.text', body };
      homeserver.rooms.add(room, { type: 'm.room.message', sender: person(index), content }, 0);
      await until(() => answers().length > before);
      const answer = String(answers().at(-1)?.content.body);
      if (!/now hears|done/.test(answer)) throw new Error(answer);
    },
    async answerAtOnce() {
      const ended = new AbortController();
      const base = `${homeserver.url}/_matrix/client/v3`;
      const headers = { authorization: `Bearer ${fakeToken}` };
      const sync = async (since: string | null) => {
        const query = since === null ? '' : `?since=${since}&timeout=30000`;
        const response = await fetch(`${base}/sync${query}`, { headers, signal: ended.signal });
        return (await response.json()) as {
          next_batch: string;
          rooms?: {
            join?: Record<string, { timeline?: { events?: { type: string; sender: string; event_id: string }[] } }>;
          };
        };
      };
      const loop = async () => {
        let { next_batch: since } = await sync(null);
        while (!ended.signal.aborted) {
          const heard = await sync(since);
          since = heard.next_batch;
          for (const event of heard.rooms?.join?.[room]?.timeline?.events ?? []) {
            if (event.type !== 'm.room.message' || event.sender === homeserver.user) continue;
            await fetch(
              `${base}/rooms/${encodeURIComponent(room)}/send/m.room.message/${encodeURIComponent(event.event_id)}`,
              {
                method: 'PUT',
                headers,
                body: JSON.stringify({ msgtype: 'm.notice', body: 'done' }),
              },
            );
          }
        }
      };
      const running = loop().catch(() => {});
      await until(polls);
      return async () => {
        ended.abort();
        await running;
      };
    },
    stop: () => homeserver.stop(),
  };
}
