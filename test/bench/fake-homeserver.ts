/** A Matrix homeserver that answers Lookout's requests and gives every message an event id. */
import type { ServerResponse } from 'node:http';
import { answer, servePlatform, takeMessage, tellUnknown } from './fake-platform.ts';

const user = '@bench:localhost';

function sync(url: URL, response: ServerResponse): void {
  const since = Number(url.searchParams.get('since')?.slice(1) ?? '0');
  const holdMs = since === 0 ? 0 : Number(url.searchParams.get('timeout') ?? '0');
  const timer = setTimeout(() => answer(response, 200, { next_batch: `s${since + 1}`, rooms: {} }), holdMs);
  response.on('close', () => clearTimeout(timer));
}

function state(type: string, response: ServerResponse): void {
  if (type === 'm.room.member') answer(response, 200, { membership: 'join' });
  else if (type === 'm.room.power_levels') answer(response, 200, { users_default: 100 });
  else answer(response, 404, { errcode: 'M_NOT_FOUND', error: 'no such state event' });
}

servePlatform((request, response, url) => {
  const path = url.pathname.replace(/^\/_matrix\/client\/(?:v3|r0)?/, '');
  const [, kind, room = '', part, type = ''] = path.split('/').map(decodeURIComponent);
  if (request.method === 'PUT' && part === 'send')
    return takeMessage(request, (count) => answer(response, 200, { event_id: `$${count}` }));
  request.resume();
  if (kind === 'account') return answer(response, 200, { user_id: user, device_id: 'BENCH' });
  if (kind === 'sync') return sync(url, response);
  if (part === 'state') return state(type, response);
  // The message is read before an edit.
  if (part === 'event')
    return answer(response, 200, {
      type: 'm.room.message',
      event_id: type,
      room_id: room,
      sender: user,
      origin_server_ts: Date.now(),
      content: { msgtype: 'm.notice', body: 'a message' },
    });
  if (kind === 'join' || part === 'join') return answer(response, 200, { room_id: room });
  if (kind === 'user') return answer(response, 200, { filter_id: '1' });
  tellUnknown(request);
  return answer(response, 404, { errcode: 'M_UNRECOGNIZED', error: path });
});
