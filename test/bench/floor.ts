/**
 * What Lookout is measured against: the same job with nothing between. A process of its own, like Lookout.
 *
 *   node floor.ts quiet <cable url> <homeserver url>                   a bare ws client that calls authedRequest
 *   node floor.ts burst <homeserver url> <count> <rooms> <body bytes>  the bare SDK, one request at a time in each room
 */
import { createClient, type MatrixClient, Method } from 'matrix-js-sdk';
import type { Logger } from 'matrix-js-sdk/lib/logger.js';
import WebSocket from 'ws';

const quiet = () => {};
const logger: Logger = { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet, getChild: () => logger };

let key = 0;
function send(client: MatrixClient, room: string, body: string): Promise<unknown> {
  const path = `/rooms/${encodeURIComponent(room)}/send/m.room.message/floor${key++}`;
  return client.http.authedRequest(Method.Put, path, undefined, { msgtype: 'm.notice', body, 'm.mentions': {} });
}

function runQuiet(cable: string, client: MatrixClient): void {
  const identifier = JSON.stringify({ channel: 'ApiChannel', key: 'bench', events: 'posts' });
  const socket = new WebSocket(cable, ['actioncable-v1-json'], { perMessageDeflate: false });
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as { type?: string; message?: { object: { title: string } } };
    if (frame.type === 'welcome') socket.send(JSON.stringify({ command: 'subscribe', identifier }));
    if (frame.type === undefined && frame.message !== undefined)
      void send(client, '!room1:localhost', frame.message.object.title);
  });
}

async function runBurst(client: MatrixClient, count: number, rooms: number, bytes: number): Promise<void> {
  const body = 'x'.repeat(bytes);
  const lane = async (room: string) => {
    for (let sent = 0; sent < count; sent++) await send(client, room, body);
  };
  await Promise.all(Array.from({ length: rooms }, (_, index) => lane(`!room${index + 1}:localhost`)));
}

const [mode, ...rest] = process.argv.slice(2);
const homeserver = mode === 'quiet' ? rest[1] : rest[0];
const client = createClient({ baseUrl: homeserver ?? '', accessToken: 'bench', userId: '@bench:localhost', logger });
if (mode === 'quiet') runQuiet(rest[0] ?? '', client);
else await runBurst(client, Number(rest[1]), Number(rest[2]), Number(rest[3]));
