import type { Log } from '../../../log.ts';
import { type JsonObject, objectOf, textOf } from '../../../text/json.ts';
import type { EncryptionStore } from '../../platform.ts';
import { printable } from '../printable.ts';

/** The only algorithm of rooms there is (https://spec.matrix.org/v1.16/client-server-api/#mmegolmv1aes-sha2). */
const megolm = 'm.megolm.v1.aes-sha2';

/** The settings of an encrypted room. */
export interface RoomSettings {
  /** Null: it is Megolm, which we know. */
  readonly foreignAlgorithm: string | null;
  /** A key is good for so many messages, and so many milliseconds; null: the default of the library. */
  readonly rotateAfterMessages: number | null;
  readonly rotateAfterMs: number | null;
}

/** Where the rooms are kept. */
export type RoomStore = Pick<EncryptionStore, 'rooms' | 'saveRoom'>;

/**
 * The rooms in which encryption was seen. It is never switched off again, so it is never forgotten: a homeserver that does
 * not know of it any more, or says so, gets nothing in plain text.
 */
export class EncryptedRooms {
  readonly #store: RoomStore;
  readonly #log: Log;
  readonly #contents = new Map<string, string>();
  /** Those that could not be stored yet. */
  readonly #unsaved = new Set<string>();
  #account: string | null = null;

  constructor(store: RoomStore, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  /** Reads what was seen by an account. Throws if the store fails. */
  async load(account: string): Promise<void> {
    const known = await this.#store.rooms(account);
    for (const [room, content] of known) if (!this.#contents.has(room)) this.#contents.set(room, content);
    this.#account = account;
    await this.#save();
  }

  get isEmpty(): boolean {
    return this.#contents.size === 0;
  }

  has(room: string): boolean {
    return this.#contents.has(room);
  }

  /** Notes that encryption was seen in a room. Resolves to true if that is news. */
  async note(room: string, content: JsonObject): Promise<boolean> {
    const text = JSON.stringify(content);
    const isNews = !this.has(room);
    if (this.#contents.get(room) !== text) {
      this.#contents.set(room, text);
      this.#unsaved.add(room);
    }
    await this.#save();
    return isNews;
  }

  settings(room: string): RoomSettings {
    const content = objectOf(JSON.parse(this.#contents.get(room) ?? '{}'));
    const { algorithm, rotation_period_msgs: messages, rotation_period_ms: ms } = content;
    return {
      foreignAlgorithm: algorithm === megolm ? null : (textOf(algorithm) ?? 'none'),
      rotateAfterMessages: isCount(messages) ? messages : null,
      rotateAfterMs: isCount(ms) ? ms : null,
    };
  }

  async #save(): Promise<void> {
    const account = this.#account;
    if (account === null) return;
    for (const room of this.#unsaved) {
      try {
        await this.#store.saveRoom(account, room, this.#contents.get(room) ?? '{}');
        this.#unsaved.delete(room);
      } catch (err) {
        const fields = { platform: 'matrix', room: printable(room), err };
        this.#log.error(fields, 'it could not be stored that a room is encrypted; it is tried again');
        return;
      }
    }
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
