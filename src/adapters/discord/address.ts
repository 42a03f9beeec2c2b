import { problem, shorten } from '../../config/address.ts';
import type { AddressRead, AddressRules } from '../../config/platform.ts';
import { isSnowflake } from './ids.ts';

const link = /^https?:\/\/(?:(?:ptb|canary)\.)?discord(?:app)?\.com\/(channels\/(?:@me|\d+)\/(\d+)|api\/webhooks\/)?/i;
const copyId =
  'write "discord:" and the number of the channel or thread: switch on Developer Mode (settings, Advanced), right-click it, Copy Channel ID';

/** `discord:<id of a channel or thread>`. */
export const discordAddress: AddressRules = {
  example: 'discord:123456789012345678',
  forms: ['discord:<channel or thread id>'],
  read,
  explain(text) {
    if (/^\d{15,}$/.test(text))
      return { wrong: `"${shorten(text)}" has no chat before it`, right: `write "discord:${shorten(text)}"` };
    if (!link.test(text)) return null;
    const meant = read(text);
    return meant.outcome === 'problem' ? meant : null;
  },
};

function read(text: string): AddressRead {
  const linked = link.exec(text);
  // The URL of a webhook is as good as a password: it is not shown again.
  if (linked?.[1]?.startsWith('api/webhooks'))
    return problem('this is the URL of a webhook; Lookout speaks as a bot', copyId);
  const id = linked?.[2] ?? /^<?#?(\d+)>?$/.exec(text)?.[1];
  if (id === undefined || !isSnowflake(id))
    return problem(`"discord:${shorten(text)}" is not a room of Discord`, copyId);
  if (id === text) return { outcome: 'address', address: `discord:${id}` };
  const wrong = linked ? 'this is a link, not an address' : `"discord:${shorten(text)}" has more than a number`;
  return problem(wrong, `write "discord:${id}"`);
}
