import {
  createClient,
  EventType,
  type IContent,
  type IEvent,
  type MatrixClient,
  MatrixEvent,
  MsgType,
  Preset,
} from 'matrix-js-sdk';
import type { RoomMessageEventContent } from 'matrix-js-sdk/lib/@types/events.js';
import {
  AllDevicesIsolationMode,
  type CryptoApi,
  DecryptionFailureCode,
  EventShieldColour,
  EventShieldReason,
  OnlySignedDevicesIsolationMode,
} from 'matrix-js-sdk/lib/crypto-api/index.js';
import { type Logger, logger } from 'matrix-js-sdk/lib/logger.js';
import { PATIENCE_MS } from '../../support/patience.ts';
import type { MatrixUser } from './matrix-user.ts';
import { megolmPlace, type ReadEvent } from './room-reading.ts';
import type { SynapseServer } from './synapse-server.ts';
import { waitUntil } from './wait-until.ts';

/**
 * A second Matrix client that encrypts. It is as strict as Element since April 2026: it reads nothing from a device that
 * its owner has not signed, and gives such a device no keys (MSC4153). Its own keys are in memory.
 */
export interface StrictReader {
  readonly user: MatrixUser;
  readonly device: string;
  /** Creates an encrypted room, in which this account is the administrator. */
  createRoom(options?: {
    readonly invite?: readonly MatrixUser[];
    readonly alias?: string;
    /** Number of messages after which senders take a new key. Default: that of their library, 100. */
    readonly rotateAfter?: number;
  }): Promise<string>;
  /** Encrypts a room from now on. */
  encryptRoom(room: string): Promise<void>;
  join(room: string): Promise<void>;
  leave(room: string): Promise<void>;
  invite(room: string, user: MatrixUser): Promise<void>;
  /** Resolves when this client knows that an account is a member of the room. */
  untilJoined(room: string, user: MatrixUser): Promise<void>;
  /** Sends a text or another content of a message, encrypted, and returns the event's id. */
  send(room: string, content: string | Readonly<IContent>): Promise<string>;
  /**
   * Reads all events of a room except its state, in the homeserver's order. What could not be decrypted before is tried
   * again.
   */
  read(room: string): Promise<readonly ReadEvent[]>;
  /** Signs another device of the same account. */
  signDevice(device: string): Promise<void>;
  /** Returns the public key of an account's cross-signing identity as the homeserver has it now; null if there is none. */
  identityOf(user: MatrixUser): Promise<string | null>;
  /** Logs the device out. */
  logOut(): Promise<void>;
  stop(): void;
}

interface StrictReaderOptions {
  readonly synapse: Pick<SynapseServer, 'url' | 'logIn'>;
  readonly user: MatrixUser;
  /** A device on which the account was never logged in. */
  readonly device: string;
  /**
   * `itself`: the client gives its account a cross-signing identity, the first. Another reader: that one has it.
   * `no one`: the device stays unsigned, and is not strict either.
   */
  readonly signedBy: 'itself' | 'no one' | Pick<StrictReader, 'signDevice'>;
}

const patience = { timeoutMs: PATIENCE_MS };
const megolm = { algorithm: 'm.megolm.v1.aes-sha2' } as const;

/** Logs the account in on the device, which then syncs until it is stopped. */
export async function startStrictReader(options: StrictReaderOptions): Promise<StrictReader> {
  const { synapse, user, device, signedBy } = options;
  const accessToken = await synapse.logIn(user, device);
  const client = createClient({
    ...{ baseUrl: synapse.url, userId: user.id, deviceId: device, accessToken },
    logger: silent,
  });
  await client.initRustCrypto({ useIndexedDB: false });
  const crypto = cryptoOf(client);
  crypto.setDeviceIsolationMode(
    signedBy === 'no one' ? new AllDevicesIsolationMode(false) : new OnlySignedDevicesIsolationMode(),
  );
  await client.startClient({ initialSyncLimit: 1 });
  await waitUntil('the first sync', () => (client.isInitialSyncComplete() ? true : undefined), patience);
  // The first identity of an account is taken without a password.
  if (signedBy === 'itself')
    await crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys: async (upload) => void (await upload(null)) });
  else if (signedBy !== 'no one') await signedBy.signDevice(device);

  const readEvent = createEventReader(client);
  const isEncrypted = async (room: string) =>
    client.getRoom(room) !== null && (await crypto.isEncryptionEnabledInRoom(room)) ? true : undefined;
  const untilEncrypted = (room: string) =>
    waitUntil('the client knows that the room is encrypted', () => isEncrypted(room), patience);

  return {
    user,
    device,
    async createRoom({ invite = [], alias, rotateAfter } = {}) {
      const content = { ...megolm, ...(rotateAfter !== undefined && { rotation_period_msgs: rotateAfter }) };
      const { room_id: room } = await client.createRoom({
        preset: Preset.PrivateChat,
        ...(alias !== undefined && { room_alias_name: alias }),
        invite: invite.map(({ id }) => id),
        initial_state: [{ type: EventType.RoomEncryption, state_key: '', content }],
      });
      await untilEncrypted(room);
      return room;
    },
    async encryptRoom(room) {
      await client.sendStateEvent(room, EventType.RoomEncryption, megolm, '');
      await untilEncrypted(room);
    },
    async join(room) {
      await client.joinRoom(room);
      await untilEncrypted(room);
    },
    async leave(room) {
      await client.leave(room);
    },
    async invite(room, { id }) {
      await client.invite(room, id);
    },
    async untilJoined(room, { id }) {
      const look = () => (client.getRoom(room)?.getMember(id)?.membership === 'join' ? true : undefined);
      await waitUntil(`${id} is a member of the room`, look, patience);
    },
    async send(room, content) {
      const whole = typeof content === 'string' ? { msgtype: MsgType.Text, body: content } : content;
      return (await client.sendMessage(room, whole as RoomMessageEventContent)).event_id;
    },
    async read(room) {
      const events: ReadEvent[] = [];
      for (const raw of await timelineOf(synapse.url, accessToken, room)) events.push(await readEvent(raw));
      return events;
    },
    async signDevice(other) {
      const isKnown = async () =>
        (await crypto.getUserDeviceInfo([user.id], true)).get(user.id)?.has(other) ? true : undefined;
      await waitUntil(`${other} has published its keys`, isKnown, patience);
      await crypto.crossSignDevice(other);
    },
    async identityOf({ id }) {
      const { master_keys } = await client.downloadKeysForUsers([id]);
      return Object.values(master_keys?.[id]?.keys ?? {})[0] ?? null;
    },
    async logOut() {
      await client.logout(true);
    },
    stop: () => client.stopClient(),
  };
}

function cryptoOf(client: MatrixClient): CryptoApi {
  const crypto = client.getCrypto();
  if (crypto === undefined) throw new Error('matrix-js-sdk has no crypto after initRustCrypto');
  return crypto;
}

/** Decrypts events as a client does. One that was decrypted is remembered; its shield is looked up each time. */
function createEventReader(client: MatrixClient): (raw: IEvent) => Promise<ReadEvent> {
  const crypto = cryptoOf(client);
  const decrypted = new Map<string, MatrixEvent>();

  async function decrypt(raw: IEvent): Promise<MatrixEvent> {
    const known = decrypted.get(raw.event_id);
    if (known !== undefined) return known;
    const event = new MatrixEvent(raw);
    await client.decryptEventIfNeeded(event);
    if (!event.isDecryptionFailure()) decrypted.set(raw.event_id, event);
    return event;
  }

  /** Returns what a client shows beside an event, or instead of it. */
  async function troubleOf(event: MatrixEvent): Promise<string | null> {
    if (event.isDecryptionFailure())
      return `not decrypted: ${event.decryptionFailureReason ?? DecryptionFailureCode.UNKNOWN_ERROR}`;
    const info = await crypto.getEncryptionInfoForEvent(event);
    if (info === null) return 'without encryption info';
    if (info.shieldColour === EventShieldColour.NONE) return null;
    const reason = info.shieldReason === null ? 'no reason' : EventShieldReason[info.shieldReason];
    return `shield ${EventShieldColour[info.shieldColour]}: ${reason}`;
  }

  return async (raw) => {
    const isRedacted = raw.unsigned.redacted_because !== undefined;
    const shared = { id: raw.event_id, sender: raw.sender, at: raw.origin_server_ts, isRedacted };
    if (raw.type !== EventType.RoomMessageEncrypted || isRedacted)
      return { ...shared, type: raw.type, content: raw.content, megolm: null, senderKeys: null, trouble: null };
    const event = await decrypt(raw);
    return {
      ...{ ...shared, type: event.getType(), content: event.getContent(), megolm: megolmPlace(raw.content) },
      senderKeys: event.isDecryptionFailure() ? null : `${event.getSenderKey()} ${event.getClaimedEd25519Key()}`,
      trouble: await troubleOf(event),
    };
  };
}

/** Returns all events of a room except its state, oldest first. */
async function timelineOf(homeserver: string, token: string, room: string): Promise<readonly IEvent[]> {
  const all: IEvent[] = [];
  for (let from = ''; ; ) {
    const query = new URLSearchParams({ dir: 'f', limit: '1000', ...(from !== '' && { from }) });
    const url = `${homeserver}/_matrix/client/v3/rooms/${encodeURIComponent(room)}/messages?${query}`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(`${room} cannot be read: ${response.status} ${await response.text()}`);
    const page = (await response.json()) as { readonly chunk: readonly IEvent[]; readonly end?: string };
    all.push(...page.chunk.filter((event) => event.state_key === undefined));
    if (page.end === undefined || page.end === from) return all;
    from = page.end;
  }
}

const nothing = () => {};
const silent: Logger = {
  ...{ trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing },
  getChild: () => silent,
};
/** Parts of the SDK write to this logger, which is loglevel's, whatever the client has. Its children are like it. */
const loglevel = logger as unknown as { methodFactory: () => () => void; rebuild(): void };
loglevel.methodFactory = () => nothing;
loglevel.rebuild();
