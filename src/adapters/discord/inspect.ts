import { listOf, objectOf, textOf } from '../../text/json.ts';
import { type Finding, type Inspection, type InspectRequest, no, note, ok, unclear } from '../inspection.ts';
import { createDiscordClient, type DiscordClient, whoami } from './client.ts';
import { type Failure, idOf } from './exchange.ts';
import { permission } from './permissions.ts';
import type { DiscordSettings } from './settings.ts';
import { readStanding, type Standing } from './standing.ts';
import { troubleOf } from './trouble.ts';

/** Permissions without which messages arrive all the same, and what is missing then. */
const optional = [
  { bit: permission.embedLinks, name: 'Embed Links', without: 'messages are plain text, without pictures' },
  {
    bit: permission.readMessageHistory,
    name: 'Read Message History',
    without: 'a message of which it is not clear whether it was sent becomes a dead letter',
  },
  {
    bit: permission.createPublicThreads,
    name: 'Create Public Threads',
    without: 'what should go into a thread is a reply',
  },
  { bit: permission.addReactions, name: 'Add Reactions', without: '`updates: react` shows nothing' },
] as const;

/** Asks Discord who the bot is, and how it stands in channels and threads. Sends nothing into them. */
export async function inspectDiscord(settings: DiscordSettings, request: InspectRequest): Promise<Inspection> {
  const { network, clock, signal } = request;
  const limits = { requestsPerSecond: 50, invalidRequestLimit: 5_000, requestTimeoutMs: 30_000 };
  const client = createDiscordClient({ ...settings, ...limits, network, clock, log: request.log });
  try {
    const exchange = await client.request(whoami, signal);
    if (exchange.kind !== 'ok') return { account: failed(exchange, settings.api), rooms: new Map() };
    const { id: written, username } = objectOf(exchange.body);
    const id = idOf(written);
    if (id === null) return { account: unclear(`${settings.api} does not say whose token it is`), rooms: new Map() };
    const rooms = new Map<string, readonly Finding[]>();
    for (const room of request.rooms) rooms.set(room, await inspectRoom(room, id, { client, settings, request }));
    return { account: ok(`the bot ${textOf(username) ?? ''} (${id})`), rooms };
  } finally {
    await client.close();
  }
}

interface Parts {
  readonly client: DiscordClient;
  readonly settings: DiscordSettings;
  readonly request: InspectRequest;
}

async function inspectRoom(
  room: string,
  user: string,
  { client, settings, request: { clock, signal } }: Parts,
): Promise<readonly Finding[]> {
  const standing = await readStanding(room, { client, clock, user, forumLook: settings.forum }, signal);
  if (standing.kind !== 'standing') return [failed(standing, settings.api)];
  const { obstacle, forum, place } = standing;
  if (obstacle !== null) return [no(`${place}: ${obstacle} (${grantedBy(standing)})`)];
  const lacking = optional.filter(({ bit }) => (standing.permissions & bit) === 0n);
  const does = ['may speak', ...(standing.embeds ? ['embed'] : []), ...(standing.history ? ['read back'] : [])];
  return [
    ok(`${place}: ${does.join(', ')}`),
    ...lacking.map(({ name, without }) => note(`lacks ${name}: ${without} (${grantedBy(standing)})`)),
    ...listOf(forum?.missing).map((tag) =>
      note(`the forum has no tag "${tag}" that the bot may set: posts go without`),
    ),
  ];
}

/** https://support.discord.com/hc/en-us/articles/206029707: who sets the permissions of a channel. */
const grantedBy = ({ guild }: Standing) => `someone with Manage Roles on ${guild ?? 'its server'} can change that`;

function failed(failure: Failure, api: string): Finding {
  const trouble = troubleOf(failure, api);
  switch (trouble.kind) {
    case 'account':
    case 'room':
    case 'message':
      return no(trouble.reason);
    case 'limited':
    case 'unreachable':
    case 'unclear':
    case 'notDiscord':
      return unclear(trouble.reason);
    default:
      return trouble satisfies never;
  }
}
