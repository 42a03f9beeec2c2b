/**
 * Discord's API with one bot that may do everything in every channel: it gives each message an id, accepts its edits,
 * and sends headers of a limit that is never reached.
 */
import { answer, servePlatform, takeMessage, tellUnknown } from './fake-platform.ts';

const bot = '1000000000000000001';
const guild = '2000000000000000001';
const firstMessage = 3_000_000_000_000_000_000n;
const administrator = '8';
const limits = {
  'x-ratelimit-limit': '1000000',
  'x-ratelimit-remaining': '999999',
  'x-ratelimit-reset-after': '5.000',
};

servePlatform((request, response, url) => {
  const path = url.pathname.replace(/^\/api\/v\d+/, '');
  const [, kind, id = '', part, message = ''] = path.split('/');
  // One bucket per route, as Discord names them; the channel is not part of the name.
  const headers = { ...limits, 'x-ratelimit-bucket': `${request.method} ${kind} ${part ?? ''}` };
  if (request.method === 'POST' && part === 'messages')
    return takeMessage(request, (count) =>
      answer(response, 200, { id: String(firstMessage + BigInt(count)), channel_id: id, author: { id: bot } }, headers),
    );
  if (request.method === 'PATCH' && part === 'messages')
    return takeMessage(request, () =>
      answer(response, 200, { id: message, channel_id: id, author: { id: bot } }, headers),
    );
  request.resume();
  if (kind === 'users') return answer(response, 200, { id: bot, username: 'bench', bot: true }, headers);
  if (part === 'messages') return answer(response, 200, [], headers);
  if (kind === 'channels')
    return answer(response, 200, { id, type: 0, guild_id: guild, permission_overwrites: [] }, headers);
  if (part === 'members') return answer(response, 200, { user: { id: bot }, roles: [] }, headers);
  const roles = [{ id: guild, name: '@everyone', permissions: administrator }];
  if (kind === 'guilds') return answer(response, 200, { id: guild, owner_id: '4000000000000000001', roles }, headers);
  // Commands belong to other rows: there is no gateway, and commands cannot be registered.
  if (kind !== 'gateway' && kind !== 'applications') tellUnknown(request);
  return answer(response, 404, { message: '404: Not Found', code: 0 });
});
