import { Secret } from '../../secrets/secret.ts';
import { objectOf, textOf } from '../../text/json.ts';
import { type Finding, type Inspection, type InspectRequest, no, note, ok, unclear } from '../inspection.ts';
import { createHomeserverClient, type HomeserverClient } from './client.ts';
import { EncryptedRooms } from './encryption/encrypted-rooms.ts';
import type { Failure } from './exchange.ts';
import { type DeviceQuestion, inspectDevice } from './inspect-encryption.ts';
import { logIn } from './login.ts';
import { isPutOut, putOutText } from './membership.ts';
import { levelToGrant, powersOf } from './power-levels.ts';
import { lookUp, type ResolveContext, resolveRoom } from './resolve.ts';
import { fetchState } from './room-state.ts';
import { createRooms, type Rooms } from './rooms.ts';
import type { MatrixSettings } from './settings.ts';
import { departureFilter, readSync } from './sync-response.ts';
import { troubleOf } from './trouble.ts';

/** Most people who are named as those who can change something. */
const MOST_NAMED = 3;

/** Asks the homeserver who the bot is, and how it stands in rooms. Sends nothing into them, and joins none unless asked. */
export async function inspectMatrix(settings: MatrixSettings, request: InspectRequest): Promise<Inspection> {
  const stored = settings.refreshToken === null ? null : await request.stored.tokens();
  // The running program's token first: the one in the configuration may have ended long ago.
  const tokens = [...(stored === null ? [] : [new Secret(stored.access, 'the store')]), settings.token];
  let account: Finding = unclear('');
  for (const token of tokens) {
    const client = createClient(settings, token, request);
    try {
      const login = await logIn(client, settings.homeserver, request.signal);
      if (login.outcome === 'ready') return await inspectRooms(login.account, client, settings, request);
      account = login.outcome === 'later' ? unclear(login.reason) : no(login.reason);
    } finally {
      await client.close();
    }
  }
  if (settings.refreshToken !== null && account.mark === 'no')
    account = unclear(`its access token has ended, and only \`lookout run\` gets a new one (${account.text})`);
  return { account, rooms: new Map() };
}

function createClient(settings: MatrixSettings, token: Secret, request: InspectRequest): HomeserverClient {
  const { network, clock, log } = request;
  const credentials = { load: async () => null, save: async () => {} };
  const given = { homeserver: settings.homeserver, token, refreshToken: null, clientId: null };
  return createHomeserverClient({ ...given, credentials, network, clock, log, requestTimeoutMs: 30_000 });
}

interface Account {
  readonly id: string;
  readonly device: string | null;
}

interface Context {
  readonly client: HomeserverClient;
  readonly rooms: Rooms;
  readonly homeserver: string;
  readonly user: string;
  readonly onAlias: () => void;
  readonly encryption: ResolveContext['encryption'];
  readonly device: DeviceQuestion;
}

/** Nothing of what is seen is stored. */
const keepsNothing = { rooms: async () => new Map<string, string>(), saveRoom: async () => {} };

async function inspectRooms(
  { id, device }: Account,
  client: HomeserverClient,
  { homeserver, recoveryKey, storeKey }: MatrixSettings,
  request: InspectRequest,
): Promise<Inspection> {
  const { log, stored } = request;
  const hasAccountKeys = recoveryKey !== null || (await stored.hasIdentity(id));
  // The encryption itself belongs to the running program.
  const encryption = { obstacle: async () => null };
  const context = {
    client,
    encryption,
    device: { account: id, device, hasAccountKeys, hasStoreKey: storeKey !== null },
    rooms: createRooms(client, new EncryptedRooms(keepsNothing, log), request.clock),
    homeserver,
    user: id,
    onAlias: () => {},
  };
  const found = new Map<string, readonly Finding[]>();
  for (const room of request.rooms) found.set(room, await inspectRoom(room, context, request));
  return { account: ok(`${id}${device === null ? '' : `, device ${device}`}`), rooms: found };
}

async function inspectRoom(address: string, context: Context, request: InspectRequest): Promise<readonly Finding[]> {
  const { signal, joins } = request;
  const { rooms, user } = context;
  if (joins) {
    const resolved = await resolveRoom(address, context, signal);
    if (resolved.outcome === 'resolved') return inspectJoined(resolved.address, context, signal);
    if (resolved.outcome === 'later') return [unclear(resolved.reason)];
  }
  const found = address.startsWith('#') ? await lookUp(address, context, signal) : { room: address };
  if ('outcome' in found) return [found.outcome === 'later' ? unclear(found.reason) : no(found.reason)];
  const membership = await rooms.membership(found.room, user, signal);
  if ('kind' in membership) return [failed(membership, context)];
  if (isPutOut(membership, user)) return [no(putOutText(membership, user))];
  return membership.state === 'join'
    ? inspectJoined(found.room, context, signal)
    : [await inspectForeign(found.room, context, signal)];
}

/** Inspects a room that we are in. */
async function inspectJoined(room: string, context: Context, signal: AbortSignal): Promise<readonly Finding[]> {
  const { rooms, user, client } = context;
  const name = await nameOf(room, client, signal);
  const encryption = await rooms.encryption(room, signal);
  if (typeof encryption !== 'string') return [failed(encryption, context)];
  const encrypted = encryption === 'encrypted' ? await inspectDevice(context.device, client, signal) : null;
  if (encrypted !== null && 'kind' in encrypted) return [failed(encrypted, context)];
  const obstacle = await rooms.obstacle(room, user, signal);
  if (obstacle !== null && typeof obstacle !== 'string') return [failed(obstacle, context)];
  if (obstacle !== null) return [no(`${name}: ${obstacle}${await grantedBy(room, client, signal)}`)];
  const successor = await rooms.successor(room, signal);
  const replaced = successor !== null && 'room' in successor ? [note(`it was replaced by ${successor.room}`)] : [];
  const does = `${name}: may speak, embed, read back`;
  return encrypted === null
    ? [ok(`${does}; not encrypted`), ...replaced]
    : [{ ...encrypted, text: `${does}; ${encrypted.text}` }, ...replaced];
}

/** Inspects a room that we are not in. */
async function inspectForeign(room: string, context: Context, signal: AbortSignal): Promise<Finding> {
  const { client, rooms, user } = context;
  const query = { filter: departureFilter(room), set_presence: 'offline', timeout: '0' };
  const sync = await client.request({ method: 'GET', path: '/sync', query }, signal);
  const news = sync.kind === 'ok' ? readSync(sync.body, user).news : [];
  const invited = news.find((one) => one.kind === 'invited' && one.room === room);
  if (invited?.kind === 'invited')
    return note(
      `${user} is invited${invited.by === null ? '' : ` by ${invited.by}`}, and joins at the start, or with --join`,
    );
  const departure = await rooms.departure(room, user, signal);
  if (isPutOut(departure, user)) return no(putOutText(departure, user));
  // https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1room_summaryroomidoralias
  const path = `/room_summary/${encodeURIComponent(room)}`;
  const summary = await client.request({ method: 'GET', version: 'v1', path }, signal);
  if (summary.kind === 'ok' && summary.body.join_rule === 'public')
    return note(`${user} is not in the room, which is public: it joins at the start, or with --join`);
  return no(`${user} is not in the room and may not join by itself: someone in the room can invite it`);
}

async function nameOf(room: string, client: HomeserverClient, signal: AbortSignal): Promise<string> {
  const named = await fetchState(client, { room, type: 'm.room.name' }, signal);
  const name = named.kind === 'present' ? textOf(named.content.name) : null;
  return name === null || name === '' ? room : `"${name}"`;
}

/** Names people who can raise a power: ` (@ada:example.org can)`. */
async function grantedBy(room: string, client: HomeserverClient, signal: AbortSignal): Promise<string> {
  const levels = await fetchState(client, { room, type: 'm.room.power_levels' }, signal);
  if (levels.kind !== 'present') return '';
  const needed = levelToGrant(objectOf(levels.content));
  const able = powersOf(levels.content).filter(([, power]) => power >= needed);
  const names = able.slice(0, MOST_NAMED).map(([person]) => person);
  return names.length === 0 ? '' : ` (${names.join(' or ')} can)`;
}

function failed(failure: Failure, { homeserver }: Context): Finding {
  const trouble = troubleOf(failure, homeserver);
  switch (trouble.kind) {
    case 'account':
    case 'forbidden':
    case 'missing':
    case 'invalid':
      return no(trouble.reason);
    case 'limited':
    case 'unreachable':
    case 'unclear':
    case 'notMatrix':
      return unclear(trouble.reason);
    default:
      return trouble satisfies never;
  }
}
