import type { Network } from '../../http/network.ts';
import type { Log } from '../../log.ts';
import type { Message } from '../../render/message.ts';
import { sayWith, speak } from '../../render/speak.ts';
import type { Secret } from '../../secrets/secret.ts';
import type { JsonObject } from '../../text/json.ts';
import type { Clock } from '../../time/clock.ts';
import type {
  Account,
  Adapter,
  FindRequest,
  FindResult,
  Listener,
  LoginResult,
  ResolveResult,
  SendRequest,
  SendResult,
} from '../adapter.ts';
import type { Credentials, EncryptionStore, Position } from '../platform.ts';
import { type Answers, createAnswers } from './answers.ts';
import { createHomeserverClient, type HomeserverClient } from './client.ts';
import { type RoomMessage, readWrittenLine } from './command-line.ts';
import { createMatrixCommands } from './commands.ts';
import { EncryptedRooms } from './encryption/encrypted-rooms.ts';
import { AccountEncryption } from './encryption/encryption.ts';
import { createMessageReader, type MessageReader } from './encryption/read-messages.ts';
import type { Readers } from './encryption/room-keys.ts';
import { findMessage } from './find.ts';
import { format, limitsOf, mostTogether, together } from './format/format.ts';
import { logIn } from './login.ts';
import { resolveRoom } from './resolve.ts';
import { createRoomWatch, type RoomWatch } from './room-watch.ts';
import { createRooms, type Rooms } from './rooms.ts';
import { send } from './send.ts';
import { settingsStoreKey } from './store-key.ts';
import { followSync, type Sync } from './sync.ts';

export interface MatrixOptions {
  /** Base URL of the homeserver: `https://matrix.example.org`. */
  readonly homeserver: string;
  readonly token: Secret;
  /** Renews the access token; null: nothing does. */
  readonly refreshToken: Secret | null;
  /** Of the OAuth 2.0 client that the tokens were given to; null: they are of a login with the homeserver itself. */
  readonly clientId: string | null;
  /** Where new tokens are kept. */
  readonly credentials: Credentials;
  /** Users (`@a:b`) and servers (`b`) whose invitations are accepted. */
  readonly invite: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly network: Network;
  /** Milliseconds until an answer must be whole. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** The text that a command begins with: `!`. */
  readonly prefix: string;
  /** The sync position, kept per account and device. */
  readonly position: Position;
  /** Where the state of the encryption is kept. */
  readonly encryption: EncryptionStore;
  /** 32 bytes that encrypt it; null: it is kept as it is. */
  readonly storeKey: Secret | null;
  /** Unlocks the keys with which the account signs its devices; null: they are not needed, or not known. */
  readonly recoveryKey: Secret | null;
  /** The devices that can read messages in encrypted rooms. */
  readonly encryptFor: Readers;
  /** Ends the process, because it cannot go on. */
  readonly end: (reason: string) => void;
}

/** Time for which Synapse remembers a transaction id of a device (1.163: rows older than a day are dropped), in milliseconds. */
const idempotentForMs = 24 * 60 * 60 * 1_000;

/** Delay before the next login after one for which the store could not be read, ms. */
const storeRetryMs = 5_000;

/** Matrix by access token. Opens no socket before `login`. */
export function createMatrixAdapter(options: MatrixOptions): Adapter {
  const session = new MatrixSession(options);
  const spoken = (message: Message) => withPrefix(message, options.prefix);
  return {
    platform: 'matrix',
    idempotentForMs,
    canEdit: true,
    togetherAtMost: mostTogether,
    bodyUnits: (room) => limitsOf(session.seals(room)).bodyUnits,
    format: (message, key, room, mentions) => format(spoken(message), key, mentions, limitsOf(session.seals(room))),
    together: (messages, key, room, mentions) =>
      together(messages.map(spoken), key, mentions, limitsOf(session.seals(room))),
    listen: (listener) => session.listen(listener),
    login: (signal) => session.login(signal),
    gathersSubjects: () => false,
    seals: (room) => session.seals(room),
    describeEncryption: (room) => session.describeEncryption(room),
    connections: () => [],
    isAlias: (address) => address.startsWith('#'),
    resolve: (address, signal) => session.resolve(address, signal),
    send: (request, signal) => session.send(request, signal),
    find: (request, signal) => session.find(request, signal),
    stop: () => session.stop(),
  };
}

/** A message in which commands are written with the prefix that they have here. */
const withPrefix = (message: Message, prefix: string) => speak(message, sayWith(prefix));

/** One account at its homeserver: the login, the sync, and the commands of people. */
class MatrixSession {
  readonly #options: MatrixOptions;
  readonly #homeserver: string;
  readonly #requestTimeoutMs: number;
  /** By the monotonic clock. */
  readonly #startedAt: number;
  readonly #client: HomeserverClient;
  readonly #encrypted: EncryptedRooms;
  readonly #rooms: Rooms;
  readonly #encryption: AccountEncryption;
  readonly #watch: RoomWatch;
  readonly #ended = new AbortController();
  #account: Account | null = null;
  #sync: Sync | null = null;
  /** Null: no commands are read. */
  #people: { readonly listener: Listener; readonly answers: Answers } | null = null;
  #reader: MessageReader | null = null;

  constructor(options: MatrixOptions) {
    this.#options = options;
    this.#homeserver = new URL(options.homeserver).origin;
    this.#requestTimeoutMs = options.requestTimeoutMs ?? 30_000;
    this.#startedAt = options.clock.monotonic();
    this.#client = createHomeserverClient({ ...options, requestTimeoutMs: this.#requestTimeoutMs });
    this.#encrypted = new EncryptedRooms(options.encryption, options.log);
    this.#rooms = createRooms(this.#client, this.#encrypted, options.clock);
    this.#encryption = new AccountEncryption({
      ...{ clock: options.clock, log: options.log, end: options.end, signal: this.#ended.signal },
      ...{ client: this.#client, rooms: this.#rooms, encrypted: this.#encrypted, store: options.encryption },
      ...{
        storeKey: settingsStoreKey(options.storeKey),
        recoveryKey: options.recoveryKey,
        readers: options.encryptFor,
      },
    });
    const user = () => this.#account?.id ?? '';
    const onJoined = (room: string) => void this.#people?.answers.post(room, this.#people.listener.greet(room));
    this.#watch = createRoomWatch({
      ...options,
      ...this.#parts,
      rooms: this.#rooms,
      encrypted: this.#encrypted,
      user,
      onJoined,
    });
  }

  listen(listener: Listener): void {
    const context = () => this.#sendContext;
    const spoken = (message: Message) => withPrefix(message, this.#options.prefix);
    const answers = createAnswers({ context, turns: listener.turns, spoken, ...this.#parts });
    this.#people = { listener, answers };
    this.#watch.listen(listener);
  }

  async login(signal: AbortSignal): Promise<LoginResult> {
    const result = await logIn(this.#client, this.#homeserver, signal);
    if (result.outcome !== 'ready') return result;
    try {
      await this.#encryption.login(result.account);
    } catch (err) {
      this.#options.log.error({ platform: 'matrix', err }, 'the store could not say which rooms are encrypted');
      return { outcome: 'later', waitMs: storeRetryMs, reason: 'the store could not be read' };
    }
    this.#account = result.account;
    this.#sync?.wake();
    if (!this.#ended.signal.aborted) this.#sync ??= this.#startSync(result.account);
    return result;
  }

  async resolve(address: string, signal: AbortSignal): Promise<ResolveResult> {
    if (this.#account === null) return notYet;
    const onAlias = (alias: string, room: string) => this.#watch.onAlias(alias, room);
    return resolveRoom(address, { ...this.#sendContext, user: this.#account.id, onAlias }, signal);
  }

  async describeEncryption(room: string): Promise<string | null> {
    return this.seals(room) ? this.#encryption.describe(room) : null;
  }

  seals(room: string): boolean {
    return this.#encrypted.has(room);
  }

  async send(request: SendRequest, signal: AbortSignal): Promise<SendResult> {
    const result = await send(request, this.#sendContext, signal);
    // A reaction that was there before, or gone, moves no position.
    const { kind = 'create' } = request.action ?? {};
    if (result.outcome === 'sent' && kind !== 'react' && kind !== 'redact') this.#sync?.accepted();
    return result;
  }

  async find(request: FindRequest, signal: AbortSignal): Promise<FindResult> {
    if (this.#account === null) return notYet;
    return findMessage(request, { ...this.#sendContext, user: this.#account.id }, signal);
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    this.#reader?.stop();
    await Promise.all([
      this.#client.close(),
      this.#sync?.ended,
      this.#watch.settled(),
      this.#people?.answers.settled(),
    ]);
    await this.#encryption.close();
  }

  get #parts() {
    const { clock, log } = this.#options;
    return { client: this.#client, homeserver: this.#homeserver, clock, log, signal: this.#ended.signal };
  }

  get #sendContext() {
    const user = this.#account?.id ?? null;
    const { log } = this.#options;
    const parts = { client: this.#client, rooms: this.#rooms, encryption: this.#encryption };
    return { ...parts, homeserver: this.#homeserver, user, log };
  }

  #startSync(account: Account): Sync {
    const { position } = this.#options;
    const people = this.#people;
    return followSync({
      ...this.#parts,
      ...(people !== null && { onMessages: this.#createReader(account.id, people.listener, people.answers) }),
      user: account.id,
      requestTimeoutMs: this.#requestTimeoutMs,
      position: {
        load: () => position.load(account),
        keep: async (token) => {
          if (!(await this.#encryption.commit(token)) && token !== null) await position.save(account, token);
        },
      },
      onAnswer: (body, isFirst) => this.#encryption.received(body, isFirst),
      onNews: (news, isFirst) => this.#watch.onNews(news, isFirst),
      onWatching: (watching) => this.#rooms.setWatched(watching),
      isBusy: () => this.#watch.pending + (this.#people?.answers.pending ?? 0) > 0,
    });
  }

  /** Returns a function that runs the commands in the messages of people. */
  #createReader(user: string, { run, ignores, isForUs }: Listener, answers: Answers) {
    const { prefix } = this.#options;
    const commands = createMatrixCommands({
      ...{ ...this.#parts, rooms: this.#rooms, answers, user },
      ...{ run, ignores, isForUs, startedAt: this.#startedAt },
    });
    const obey = (messages: readonly RoomMessage[], isCatchUp: boolean) =>
      commands.run(
        messages.flatMap((message) => readWrittenLine(message, user, prefix) ?? []),
        isCatchUp,
      );
    const { encryption: store, clock, log } = this.#options;
    const reader = createMessageReader({
      ...{ encryption: this.#encryption, clock, log },
      noteRead: (index, event) => store.noteRead(index, event),
      onLate: (messages) => void obey(messages, true),
    });
    this.#reader = reader;
    return async (messages: readonly { readonly room: string; readonly event: JsonObject }[], isCatchUp: boolean) =>
      obey(await reader.read(messages), isCatchUp);
  }
}

const notYet = { outcome: 'later', waitMs: 1_000, reason: 'not logged in yet' } as const;
