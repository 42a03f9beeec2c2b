import type { Log } from '../../../log.ts';
import type { MessageIndex } from '../../../store/encryption-state.ts';
import { troubleOf } from '../../../store/trouble.ts';
import { type JsonObject, objectOf, textOf } from '../../../text/json.ts';
import type { Clock } from '../../../time/clock.ts';
import type { RoomMessage } from '../command-line.ts';
import { printable } from '../printable.ts';
import type { AccountEncryption } from './encryption.ts';

export interface ReadMessagesOptions {
  readonly encryption: Pick<AccountEncryption, 'read' | 'onKeys'>;
  /** Notes the event that was read with an index. Returns false if another event was. */
  readonly noteRead: (index: MessageIndex, event: string) => Promise<boolean>;
  /** Takes messages whose keys came later than they. */
  readonly onLate: (messages: readonly RoomMessage[]) => void;
  readonly clock: Clock;
  readonly log: Log;
}

interface Received {
  readonly room: string;
  readonly event: JsonObject;
}

/** The longest time for which a message waits for its key, ms. */
const longestWaitMs = 10 * 60_000;
/** Delay before a message is read again that could not be, since the homeserver did not answer, ms. */
const passingMs = 30_000;
/** The most messages that wait for their keys; with more, the oldest waits no longer. */
const mostWaiting = 200;

/** Reads the messages of people, in encrypted rooms, too. */
export interface MessageReader {
  /** Returns what can be read now, in order. */
  read(messages: readonly Received[]): Promise<readonly RoomMessage[]>;
  /** Number of messages that wait for their keys. */
  readonly waiting: number;
  stop(): void;
}

export function createMessageReader(options: ReadMessagesOptions): MessageReader {
  return new EncryptedMessageReader(options);
}

class EncryptedMessageReader implements MessageReader {
  readonly #options: ReadMessagesOptions;
  /** With the end of their wait. */
  readonly #waiting = new Map<Received, () => void>();
  readonly #unsubscribe: () => void;

  constructor(options: ReadMessagesOptions) {
    this.#options = options;
    this.#unsubscribe = options.encryption.onKeys((rooms) => void this.#readAgain(new Set(rooms)));
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  async read(messages: readonly Received[]): Promise<readonly RoomMessage[]> {
    const read: RoomMessage[] = [];
    for (const message of messages) {
      if (message.event.type !== 'm.room.encrypted') read.push({ ...message, isEncrypted: false });
      else read.push(...(await this.#decryptOrSkip(message)));
    }
    return read;
  }

  stop(): void {
    this.#unsubscribe();
    for (const end of this.#waiting.values()) end();
    this.#waiting.clear();
  }

  /** A message at which our own code or the library fails is left out: the sync must go on. */
  async #decryptOrSkip(message: Received): Promise<readonly RoomMessage[]> {
    try {
      return await this.#decrypt(message);
    } catch (err) {
      if (troubleOf(err) !== null) throw err;
      const fields = { platform: 'matrix', room: printable(message.room), err };
      this.#options.log.error(fields, 'a message in an encrypted room could not be read');
      return [];
    }
  }

  /** Empty: it cannot be read, or not yet. */
  async #decrypt(message: Received): Promise<readonly RoomMessage[]> {
    const { encryption, noteRead, log } = this.#options;
    const { room, event } = message;
    // A message that was deleted.
    if (objectOf(event.content).ciphertext === undefined) return [];
    const reading = await encryption.read(room, event, true);
    const id = textOf(event.event_id);
    switch (reading.outcome) {
      case 'read':
        // The same words in another event: a homeserver repeats what somebody said before.
        if (reading.index === null || id === null || !(await noteRead(reading.index, id))) return [];
        return [{ room, event: reading.event, isEncrypted: true }];
      case 'noKey':
        this.#wait(message);
        return [];
      case 'later':
        if (reading.isPassing) this.#wait(message, passingMs);
        return [];
      case 'unreadable': {
        const fields = { platform: 'matrix', room: printable(room), reason: printable(reading.reason) };
        log.debug(fields, 'a message in an encrypted room cannot be read');
        return [];
      }
      default:
        return reading satisfies never;
    }
  }

  /** `againMs`: it is read again after that; null: when its key comes. */
  #wait(message: Received, againMs: number | null = null): void {
    const { clock } = this.#options;
    const cancel =
      againMs === null
        ? clock.after(longestWaitMs, () => this.#waiting.delete(message))
        : clock.after(againMs, () => void this.#readAgain(new Set([message.room])));
    this.#waiting.set(message, cancel);
    if (this.#waiting.size <= mostWaiting) return;
    const [[oldest, end] = []] = this.#waiting;
    if (oldest === undefined || end === undefined) return;
    end();
    this.#waiting.delete(oldest);
  }

  async #readAgain(rooms: ReadonlySet<string>): Promise<void> {
    const { onLate, log } = this.#options;
    const candidates = [...this.#waiting].filter(([{ room }]) => rooms.has(room));
    for (const [message, end] of candidates) {
      end();
      this.#waiting.delete(message);
    }
    try {
      for (const [message] of candidates) {
        const late = await this.read([message]);
        if (late.length > 0) onLate(late);
      }
    } catch (err) {
      log.error({ platform: 'matrix', err }, 'messages could not be read when their keys came');
    }
  }
}
