import type { Log } from '../../log.ts';
import type { Secret } from '../../secrets/secret.ts';
import { type JsonObject, textOf } from '../../text/json.ts';
import type { Clock } from '../../time/clock.ts';
import type { Account, Adapter, Listener, LoginResult } from '../adapter.ts';
import type { Position } from '../platform.ts';
import { type Answers, createAnswers } from './answers.ts';
import { createHomeserverClient } from './client.ts';
import { readWrittenLine } from './command-line.ts';
import { createMatrixCommands } from './commands.ts';
import { findMessage } from './find.ts';
import { bodyUnits, format, mostTogether, together } from './format/format.ts';
import { createInvitations } from './invitations.ts';
import { printable } from './printable.ts';
import { createReplacements } from './replacements.ts';
import { resolveRoom } from './resolve.ts';
import { createRooms } from './rooms.ts';
import { send } from './send.ts';
import { followSync, type Sync } from './sync.ts';
import type { RoomNews } from './sync-response.ts';
import { troubleOf } from './trouble.ts';

export interface MatrixOptions {
  /** Base URL of the homeserver: `https://matrix.example.org`. */
  readonly homeserver: string;
  readonly token: Secret;
  /** Users (`@a:b`) and servers (`b`) whose invitations are accepted. */
  readonly invite: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds until an answer must be whole. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** The text that a command begins with: `!`. */
  readonly prefix: string;
  /** The sync position, kept per account and device. */
  readonly position: Position;
}

/** Time for which Synapse remembers a transaction id of a device (1.163: rows older than a day are dropped), in milliseconds. */
const idempotentForMs = 24 * 60 * 60 * 1_000;

/** Matrix by access token: no password, no encryption. Opens no socket before `login`. */
export function createMatrixAdapter(options: MatrixOptions): Adapter {
  const { clock, log } = options;
  const homeserver = new URL(options.homeserver).origin;
  const requestTimeoutMs = options.requestTimeoutMs ?? 30_000;
  const client = createHomeserverClient({ ...options, requestTimeoutMs });
  const rooms = createRooms(client);
  const ended = new AbortController();
  let account: Account | null = null;
  let sync: Sync | null = null;
  /** Null: no commands are read. */
  let people: { readonly listener: Listener; readonly answers: Answers } | null = null;

  /** The aliases that led to a room, by its id: of a room that we may not join yet, only they are known outside. */
  const aliases = new Map<string, Set<string>>();
  const changed = (room: string) => {
    for (const address of [room, ...(aliases.get(room) ?? [])]) people?.listener.onRoomChanged(address);
  };
  const invitations = createInvitations({ ...options, client, homeserver, onJoined: changed, signal: ended.signal });

  const replacements = createReplacements({
    client,
    homeserver,
    clock,
    log,
    signal: ended.signal,
    onReplaced: async (from, to) => {
      await people?.listener.onRoomReplaced(from, to);
      changed(to);
    },
  });
  const context = () => ({ client, rooms, homeserver, user: account?.id ?? null });

  function onNews(news: RoomNews, first: boolean): void {
    const { room } = news;
    const fields = { platform: 'matrix', room: printable(room) };
    switch (news.kind) {
      case 'invited':
        rooms.forgetMembers(room);
        if (!replacements.invited(room)) invitations.invited(room, news.by);
        break;
      case 'members':
        rooms.forgetMembers(room);
        return;
      case 'encrypted':
        if (!rooms.markEncrypted(room)) return;
        if (!first) log.warn(fields, `encryption was switched on in ${fields.room}: nothing more is sent there`);
        break;
      case 'replaced':
        if (!first)
          log.warn(
            fields,
            `${fields.room} was replaced by ${news.by === null ? 'another room' : printable(news.by)} (m.room.tombstone)`,
          );
        if (!first && people !== null && news.by !== null && news.sender !== null)
          replacements.replaced(room, news.by, news.sender);
        break;
      case 'gone':
        rooms.forgetMembers(room);
        if (!first) log.info(fields, `no longer in ${fields.room}`);
        break;
      case 'permissions':
        break;
      default:
        news satisfies never;
    }
    // The first answer tells how things are, not what changed; only an invitation is news even then.
    if (!first || news.kind === 'invited') changed(room);
  }

  /** Runs the commands that people write. */
  function reader(who: Account, { listener, answers }: NonNullable<typeof people>) {
    const { run, ignores } = listener;
    const commands = createMatrixCommands({
      rooms,
      answers,
      user: who.id,
      run,
      ignores,
      clock,
      log,
      signal: ended.signal,
    });
    return (messages: readonly { readonly room: string; readonly event: JsonObject }[]) =>
      commands.run(messages.flatMap(({ room, event }) => readWrittenLine(room, event, who.id, options.prefix) ?? []));
  }

  function startSync(who: Account): Sync {
    return followSync({
      ...(people !== null && { onMessages: reader(who, people) }),
      client,
      homeserver,
      user: who.id,
      clock,
      log,
      requestTimeoutMs,
      position: { load: () => options.position.load(who), save: (token) => options.position.save(who, token) },
      onNews,
      onWatching: (watching) => rooms.setWatched(watching),
      isBusy: () => invitations.pending + replacements.pending + (people?.answers.pending ?? 0) > 0,
      signal: ended.signal,
    });
  }

  return {
    platform: 'matrix',
    idempotentForMs,
    format: (message, key, _, mentions) => format(message, key, mentions),
    listen(listener) {
      const { turns } = listener;
      people = { listener, answers: createAnswers({ context, turns, clock, log, signal: ended.signal }) };
    },
    canEdit: true,
    togetherAtMost: mostTogether,
    bodyUnits: () => bodyUnits,
    together: (messages, key, _, mentions) => together(messages, key, mentions),
    async login(signal): Promise<LoginResult> {
      const exchange = await client.request({ method: 'GET', path: '/account/whoami' }, signal);
      if (exchange.kind !== 'ok') {
        const trouble = troubleOf(exchange, homeserver);
        return 'waitMs' in trouble
          ? { outcome: 'later', waitMs: trouble.waitMs, reason: trouble.reason }
          : { outcome: 'accountBroken', reason: trouble.reason };
      }
      const id = textOf(exchange.body.user_id);
      if (id === null)
        return { outcome: 'later', waitMs: 60_000, reason: 'the homeserver did not say whose token it is' };
      account = { id, device: textOf(exchange.body.device_id) };
      sync?.wake();
      if (!ended.signal.aborted) sync ??= startSync(account);
      return { outcome: 'ready', account };
    },
    async resolve(address, signal) {
      if (account === null) return notYet;
      const onAlias = (alias: string, room: string) => aliases.set(room, (aliases.get(room) ?? new Set()).add(alias));
      return resolveRoom(address, { client, rooms, homeserver, user: account.id, onAlias }, signal);
    },
    async send(request, signal) {
      const result = await send(request, context(), signal);
      // A reaction that was there before, or gone, moves no position.
      const { kind = 'create' } = request.action ?? {};
      if (result.outcome === 'sent' && kind !== 'react' && kind !== 'redact') sync?.accepted();
      return result;
    },
    async find(request, signal) {
      if (account === null) return notYet;
      return findMessage(request, { client, homeserver, user: account.id }, signal);
    },
    async stop() {
      ended.abort();
      client.close();
      await Promise.all([sync?.ended, invitations.settled(), replacements.settled(), people?.answers.settled()]);
    },
  };
}

const notYet = { outcome: 'later', waitMs: 1_000, reason: 'not logged in yet' } as const;
