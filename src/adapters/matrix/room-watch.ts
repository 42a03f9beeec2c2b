import type { Log } from '../../log.ts';
import type { Clock } from '../../time/clock.ts';
import type { Listener } from '../adapter.ts';
import type { HomeserverClient } from './client.ts';
import type { EncryptedRooms } from './encryption/encrypted-rooms.ts';
import { createInvitations, type Invitations } from './invitations.ts';
import { isPutOut, putOutText } from './membership.ts';
import { printable } from './printable.ts';
import { createReplacements, type Replacements } from './replacements.ts';
import type { Rooms } from './rooms.ts';
import type { RoomNews } from './sync-response.ts';

export interface RoomWatchOptions {
  readonly client: HomeserverClient;
  readonly homeserver: string;
  readonly rooms: Rooms;
  readonly encrypted: EncryptedRooms;
  /** Returns the account's id; '' before the first login. */
  readonly user: () => string;
  /** Users (`@a:b`) and servers (`b`) whose invitations are accepted. */
  readonly invite: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** A room was joined by invitation. */
  readonly onJoined: (room: string) => void;
}

/** Acts on the changes of rooms that the sync reports: joins by invitation, follows replaced rooms, notifies the listener. */
export interface RoomWatch {
  /** Notifies `listener` from now on. Without it replaced rooms are not followed. */
  listen(listener: Listener): void;
  /** `isFirst`: the news come with the first answer, which says how things are, not what changed. */
  onNews(news: RoomNews, isFirst: boolean): void;
  /** Notes that an alias led to a room: of a room that we may not join yet, only its aliases are known outside. */
  onAlias(alias: string, room: string): void;
  /** Number of joins, replacements and notes of encryption that are not finished. */
  readonly pending: number;
  /** Resolves when none is under way. */
  settled(): Promise<void>;
}

export function createRoomWatch(options: RoomWatchOptions): RoomWatch {
  return new WatchOfRooms(options);
}

class WatchOfRooms implements RoomWatch {
  readonly #options: RoomWatchOptions;
  readonly #invitations: Invitations;
  readonly #replacements: Replacements;
  readonly #aliases = new Map<string, Set<string>>();
  #listener: Listener | null = null;
  /** Number of rooms whose encryption is being noted. */
  #noting = 0;

  constructor(options: RoomWatchOptions) {
    this.#options = options;
    this.#invitations = createInvitations({ ...options, onJoined: (room) => this.#joined(room) });
    this.#replacements = createReplacements({
      ...options,
      onReplaced: async (from, to) => {
        await this.#listener?.onRoomReplaced(from, to);
        this.#changed(to);
      },
    });
  }

  listen(listener: Listener): void {
    this.#listener = listener;
  }

  onNews(news: RoomNews, isFirst: boolean): void {
    const { rooms, user } = this.#options;
    const { room } = news;
    switch (news.kind) {
      case 'members':
        rooms.forgetMembers(room);
        return;
      case 'invited':
        rooms.forgetMembers(room);
        if (!this.#replacements.invited(room)) this.#invitations.invited(room, news.by);
        this.#changed(room);
        return;
      case 'encrypted':
        void this.#encrypted(news, isFirst);
        return;
      case 'gone':
        rooms.forgetMembers(room);
        if (isPutOut(news.membership, user())) rooms.noteGone(room, news.membership);
        break;
      case 'replaced':
      case 'permissions':
        break;
      default:
        news satisfies never;
    }
    if (isFirst) return;
    this.#logChange(news);
    if (news.kind === 'replaced') this.#follow(news);
    this.#changed(room);
  }

  onAlias(alias: string, room: string): void {
    this.#aliases.set(room, (this.#aliases.get(room) ?? new Set()).add(alias));
  }

  get pending(): number {
    return this.#invitations.pending + this.#replacements.pending + this.#noting;
  }

  async settled(): Promise<void> {
    await Promise.all([this.#invitations.settled(), this.#replacements.settled()]);
  }

  async #encrypted({ room, content }: Extract<RoomNews, { kind: 'encrypted' }>, isFirst: boolean): Promise<void> {
    this.#noting++;
    const isNews = await this.#options.encrypted.note(room, content).finally(() => this.#noting--);
    if (!isNews || isFirst) return;
    this.#options.log.info(
      { platform: 'matrix', room: printable(room) },
      `encryption was switched on in ${printable(room)}: messages are encrypted from now on`,
    );
    this.#changed(room);
  }

  #joined(room: string): void {
    this.#changed(room);
    this.#options.onJoined(room);
  }

  #changed(room: string): void {
    for (const address of [room, ...(this.#aliases.get(room) ?? [])]) this.#listener?.onRoomChanged(address);
  }

  #follow({ room, by, sender }: Extract<RoomNews, { kind: 'replaced' }>): void {
    if (this.#listener !== null && by !== null && sender !== null) this.#replacements.replaced(room, by, sender);
  }

  #logChange(news: RoomNews): void {
    const { log, user } = this.#options;
    const room = printable(news.room);
    const fields = { platform: 'matrix', room };
    if (news.kind === 'gone') {
      const isOurs = !isPutOut(news.membership, user());
      log.info(fields, `no longer in ${room}${isOurs ? '' : `: ${putOutText(news.membership, user())}`}`);
    }
    if (news.kind === 'replaced') {
      const by = news.by === null ? 'another room' : printable(news.by);
      log.warn(fields, `${room} was replaced by ${by} (m.room.tombstone)`);
    }
  }
}
