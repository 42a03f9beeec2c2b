/**
 * Does the same job with nothing between the source and the platform, for comparison with Lookout. A separate process, like
 * Lookout.
 *
 *   node floor.ts <platform> quiet <cable url> <platform's url>                  a bare ws client that calls the platform's library
 *   node floor.ts <platform> burst <platform's url> <count> <rooms> <per second> the bare library, one request at a time in each room
 *
 * A burst ends with a line of JSON: its costs, without those of loading the library.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import WebSocket from 'ws';
import { benchToken, platforms } from './platforms.ts';

/** The bare library's costs in a burst. */
export interface FloorCosts {
  readonly cpuSeconds: number;
  readonly longestBlockMs: number;
  readonly peakMb: number;
}

/** Sends a text to a room. */
type Send = (room: string, text: string) => Promise<unknown>;

const bodyBytes = 400;
const resolutionMs = 5;

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

/** Creates a sender with the client's own defaults, as people use it, except for the number of requests in a second. */
async function discordSender(url: string, perSecond: number): Promise<Send> {
  const { REST, Routes } = await import('discord.js');
  const rest = new REST({ api: `${url}/api`, version: '10', globalRequestsPerSecond: perSecond }).setToken(benchToken);
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

async function runBurst(send: Send, rooms: readonly string[], count: number): Promise<FloorCosts> {
  const text = 'x'.repeat(bodyBytes);
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  const cpu = process.cpuUsage();
  const lane = async (room: string) => {
    for (let sent = 0; sent < count; sent++) await send(room, text);
  };
  await Promise.all(rooms.map(lane));
  const { user, system } = process.cpuUsage(cpu);
  return {
    cpuSeconds: (user + system) / 1e6,
    longestBlockMs: Math.max(0, delay.max / 1e6 - resolutionMs),
    peakMb: process.resourceUsage().maxRSS / 1024,
  };
}

const [name, mode, ...rest] = process.argv.slice(2);
const platform = platforms[name === 'discord' ? 'discord' : 'matrix'];
if (mode === 'quiet') {
  const [cable = '', url = ''] = rest;
  const send = await senders[platform.name](url, platform.perSecond);
  runQuiet(cable, (text) => send(platform.room(1), text));
} else {
  const [url = '', count, rooms, perSecond] = rest;
  const send = await senders[platform.name](url, Number(perSecond));
  const addresses = Array.from({ length: Number(rooms) }, (_, index) => platform.room(index + 1));
  console.log(JSON.stringify(await runBurst(send, addresses, Number(count))));
  // discord.js' sweepers would keep the process running.
  process.exit(0);
}
