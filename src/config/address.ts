import { nearest } from '../text/nearest.ts';
import { type Platform, platforms } from '../words.ts';

/** A room's address, read. */
export type Address =
  | {
      readonly outcome: 'address';
      readonly platform: Platform;
      /** As it is kept and compared: `matrix:#a:example.org`. */
      readonly address: string;
    }
  | { readonly outcome: 'problem'; readonly wrong: string; readonly right: string };

const problem = (wrong: string, right: string): Address => ({ outcome: 'problem', wrong, right });

/** https://spec.matrix.org/v1.16/appendices/#server-name: a DNS name, IPv4, or IPv6 in brackets, and a port. */
const serverName = String.raw`(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?)(?::\d{1,5})?`;
const matrixServer = new RegExp(`^${serverName}$`);
const matrixUser = new RegExp(`^@[\\x21-\\x39\\x3b-\\x7e]{1,200}:${serverName}$`);
const matrixAlias = new RegExp(`^#[^:\\s\\0]{1,200}:${serverName}$`);
/** `!id:server`, and `!id` alone from room version 12 on (https://spec.matrix.org/v1.16/appendices/#room-ids). */
const matrixRoomId = new RegExp(`^![^:\\s\\0]{1,200}(?::${serverName})?$`);
/** A snowflake: 64 bits in decimal (https://docs.discord.com/developers/reference#snowflakes); those of today have 17 to 19 digits. */
const snowflake = /^[1-9]\d{14,19}$/;
const discordLink =
  /^https?:\/\/(?:(?:ptb|canary)\.)?discord(?:app)?\.com\/(channels\/(?:@me|\d+)\/(\d+)|api\/webhooks\/)?/i;
const consoleName = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$/u;

/** Whether a text is the id of something on Discord: a user, a role, a server, a channel. */
export const isSnowflake = (text: string): boolean => snowflake.test(text) && BigInt(text) < 2n ** 64n;

export const parseMatrixServer = (text: string): boolean => matrixServer.test(text) && text.length <= 230;
export const parseMatrixUser = (text: string): boolean => matrixUser.test(text) && text.length <= 255;

/** Whether a text can only be meant as an address, not as a room's name. */
export const looksLikeAddress = (text: string): boolean => /[:#!@/]/.test(text) || /^\d{15,}$/.test(text);

/** What to write for a room of each chat. */
const examples: Readonly<Record<Platform, string>> = {
  discord: '"discord:123456789012345678"',
  matrix: '"matrix:#alias:example.org"',
  console: '"console:name"',
};
const anyExample = `write ${examples.discord}, ${examples.matrix} or ${examples.console}`;
const copyId =
  'write "discord:" and the number of the channel or thread: switch on Developer Mode (settings, Advanced), right-click it, Copy Channel ID';

/** Reads `discord:<id>`, `matrix:#alias:server`, `matrix:!id[:server]` or `console:name`; says what is wrong with anything else. */
export function parseAddress(written: string): Address {
  const text = written.trim();
  const colon = text.indexOf(':');
  const chat = text.slice(0, Math.max(0, colon));
  const rest = text.slice(colon + 1);
  if (/^[#!]/.test(text)) {
    const meant = parseAddress(`matrix:${text}`);
    return meant.outcome === 'address'
      ? problem(`"${text}" has no chat before it`, `write "${meant.address}"`)
      : problem(`"${text}" is no address`, anyExample);
  }
  if (/^@/.test(text))
    return problem(`"${text}" is a user, not a room`, 'write the address of a room, "matrix:!id:example.org"');
  if (/^\d{15,}$/.test(text))
    return problem(`"${shorten(text)}" has no chat before it`, `write "discord:${shorten(text)}"`);
  if (discordLink.test(text)) return parseDiscord(text);
  if (/^https:\/\/matrix\.to\//.test(text)) return parseMatrix(text);
  if (chat === 'discord') return parseDiscord(rest.trim());
  if (chat === 'matrix') return parseMatrix(rest.trim());
  if (chat === 'console') return parseConsole(rest.trim());
  const bare = platforms.find((platform) => platform === text);
  if (bare !== undefined) return problem(`"${text}" is a chat, not a room in it`, `write ${examples[bare]}`);
  const meant = nearest(chat, platforms);
  return problem(
    colon === -1 ? `"${shorten(text)}" is no address` : `"${shorten(chat)}" is no chat that is known`,
    meant !== null ? `did you mean "${meant}:${rest}"?` : anyExample,
  );
}

function parseDiscord(text: string): Address {
  const link = discordLink.exec(text);
  // The address of a webhook is as good as a password: it is not shown again.
  if (link?.[1]?.startsWith('api/webhooks'))
    return problem('this is the URL of a webhook; Lookout speaks as a bot', copyId);
  const meant = link?.[2] ?? /^<?#?(\d+)>?$/.exec(text)?.[1];
  if (meant !== undefined && isSnowflake(meant)) {
    return meant === text
      ? { outcome: 'address', platform: 'discord', address: `discord:${text}` }
      : problem(
          link ? 'this is a link, not an address' : `"discord:${shorten(text)}" has more than a number`,
          `write "discord:${meant}"`,
        );
  }
  return problem(`"discord:${shorten(text)}" is no room of Discord`, copyId);
}

function parseMatrix(text: string): Address {
  const link = /^https:\/\/matrix\.to\/#\/([^?]+)/.exec(text)?.[1];
  if (link !== undefined) {
    const meant = parseMatrix(decode(link));
    return problem(
      'this is a link, not an address',
      meant.outcome === 'address' ? `write "${meant.address}"` : 'write "matrix:#alias:example.org"',
    );
  }
  if (text.length > 255) return problem('this address is longer than 255 characters', 'copy it again from the room');
  if (matrixAlias.test(text) || matrixRoomId.test(text)) {
    // Server names know no case; the rest of an address does.
    const server = text.indexOf(':');
    const canonical = server === -1 ? text : text.slice(0, server) + text.slice(server).toLowerCase();
    return { outcome: 'address', platform: 'matrix', address: `matrix:${canonical}` };
  }
  if (text.startsWith('@'))
    return problem(`"${text}" is a user, not a room`, 'write the address of a room, "matrix:!id:example.org"');
  if (/^#[^:\s]+$/.test(text)) return problem(`"matrix:${text}" has no server`, `write "matrix:${text}:example.org"`);
  return problem(
    `"matrix:${shorten(text)}" is no room of Matrix`,
    'write "matrix:#alias:example.org" or "matrix:!id:example.org"',
  );
}

function parseConsole(text: string): Address {
  if (consoleName.test(text)) return { outcome: 'address', platform: 'console', address: `console:${text}` };
  return problem(
    `"console:${shorten(text)}" is no room of the console`,
    'write "console:" and a name of letters, digits, - and _',
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
