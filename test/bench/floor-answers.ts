/**
 * Answers people's commands as fast as a client without any library can, as a separate process, like Lookout.
 *
 *   node floor-answers.ts discord <API's url> <token> <bot's id>
 *   node floor-answers.ts matrix <homeserver's url> <token> <room> <bot's user>
 */
import { WebSocket } from 'ws';

async function answerOnDiscord(url: string, token: string, bot: string): Promise<void> {
  const headers = {
    authorization: `Bot ${token}`,
    'content-type': 'application/json',
    'user-agent': 'DiscordBot (https://example.org, 1.0)',
  };
  const named = ['events', 'where'].map((name) => ({ type: 3, name, description: name, autocomplete: true }));
  await fetch(`${url}/v10/applications/${bot}/commands`, {
    method: 'PUT',
    headers,
    body: JSON.stringify([{ type: 1, name: 'subscribe', description: 'x', options: named }]),
  });
  const gateway = (await (await fetch(`${url}/v10/gateway/bot`, { headers })).json()) as { url: string };
  const socket = new WebSocket(`${gateway.url}?v=10&encoding=json`);
  const properties = { os: 'linux', browser: 'bare', device: 'bare' };
  socket.on('message', (data) => {
    const { op, t, d } = JSON.parse(String(data)) as { op: number; t: string; d: { id: string; token: string } };
    if (op === 10) socket.send(JSON.stringify({ op: 2, d: { token, properties, intents: 0 } }));
    if (t === 'INTERACTION_CREATE')
      void fetch(`${url}/v10/interactions/${d.id}/${d.token}/callback`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ type: 4, data: { content: 'done' } }),
      });
  });
}

/** The used part of a sync's answer. */
interface Sync {
  readonly next_batch: string;
  readonly rooms?: {
    readonly join?: Record<string, { timeline?: { events?: { type: string; sender: string; event_id: string }[] } }>;
  };
}

async function answerOnMatrix(url: string, token: string, room: string, user: string): Promise<void> {
  const base = `${url}/_matrix/client/v3`;
  const headers = { authorization: `Bearer ${token}` };
  const sync = async (query: string) => (await (await fetch(`${base}/sync${query}`, { headers })).json()) as Sync;
  for (let { next_batch: since } = await sync(''); ; ) {
    const heard = await sync(`?since=${since}&timeout=30000`);
    since = heard.next_batch;
    for (const { type, sender, event_id } of heard.rooms?.join?.[room]?.timeline?.events ?? []) {
      if (type !== 'm.room.message' || sender === user) continue;
      const path = `rooms/${encodeURIComponent(room)}/send/m.room.message/${encodeURIComponent(event_id)}`;
      const body = JSON.stringify({ msgtype: 'm.notice', body: 'done' });
      await fetch(`${base}/${path}`, { method: 'PUT', headers, body });
    }
  }
}

const [name, url = '', token = '', where = '', user = ''] = process.argv.slice(2);
if (name === 'discord') await answerOnDiscord(url, token, where);
else await answerOnMatrix(url, token, where, user);
