/**
 * What Lookout is measured against: the same job with nothing between. A process of its own, like Lookout.
 *
 *   node floor.ts <platform> quiet <cable url> <platform's url>                  a bare ws client that calls the platform's library
 *   node floor.ts <platform> burst <platform's url> <count> <rooms> <body bytes> the bare library, one request at a time in each room
 */
import WebSocket from 'ws';
import { benchToken, platforms } from './platforms.ts';

/** Sends a text to a room. */
type Send = (room: string, text: string) => Promise<unknown>;

async function matrixSender(url: string): Promise<Send> {
  const { createClient, Method } = await import('matrix-js-sdk');
  const quiet = () => {};
  const logger = { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet, getChild: () => logger };
  const client = createClient({ baseUrl: url, accessToken: 'bench', userId: '@bench:localhost', logger });
  let key = 0;
  return (room, body) => {
    const path = `/rooms/${encodeURIComponent(room)}/send/m.room.message/floor${key++}`;
    return client.http.authedRequest(Method.Put, path, undefined, { msgtype: 'm.notice', body, 'm.mentions': {} });
  };
}

/** With the client's own defaults, as people use it: it waits for limits, also for the 50 a second that it keeps by itself. */
async function discordSender(url: string): Promise<Send> {
  const { REST, Routes } = await import('discord.js');
  const rest = new REST({ api: `${url}/api`, version: '10' }).setToken(benchToken);
  let key = 0;
  return (room, content) =>
    rest.post(Routes.channelMessages(room), {
      body: { content, nonce: `floor${key++}`, enforce_nonce: true, allowed_mentions: { parse: [] } },
    });
}

const senders = { matrix: matrixSender, discord: discordSender };

function runQuiet(cable: string, send: (text: string) => Promise<unknown>): void {
  const identifier = JSON.stringify({ channel: 'ApiChannel', key: 'bench', events: 'posts' });
  const socket = new WebSocket(cable, ['actioncable-v1-json'], { perMessageDeflate: false });
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as { type?: string; message?: { object: { title: string } } };
    if (frame.type === 'welcome') socket.send(JSON.stringify({ command: 'subscribe', identifier }));
    if (frame.type === undefined && frame.message !== undefined) void send(frame.message.object.title);
  });
}

const [name, mode, ...rest] = process.argv.slice(2);
const platform = platforms[name === 'discord' ? 'discord' : 'matrix'];
const send = await senders[platform.name]((mode === 'quiet' ? rest[1] : rest[0]) ?? '');
if (mode === 'quiet') runQuiet(rest[0] ?? '', (text) => send(platform.room(1), text));
else {
  const [count, rooms, bytes] = rest.slice(1).map(Number);
  const text = 'x'.repeat(bytes ?? 0);
  const lane = async (room: string) => {
    for (let sent = 0; sent < (count ?? 0); sent++) await send(room, text);
  };
  await Promise.all(Array.from({ length: rooms ?? 0 }, (_, index) => lane(platform.room(index + 1))));
  // discord.js' sweepers would keep us alive.
  process.exit(0);
}
