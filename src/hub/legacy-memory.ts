import { idText } from '../catalogue/subject.ts';
import type { EventObject, Json } from '../words.ts';

/** Largest number of remembered posts and users. Above it, the oldest one is forgotten. */
const MOST_POSTS = 2_000;
const MOST_USERS = 5_000;

/** Columns of up to several megabytes. No userscript reads them from a message. */
const longColumns = ['body', 'markdown', 'why'];

/** A user in a message of the legacy streams. */
export interface LegacyUser {
  readonly username: string | null;
  readonly stackexchange_chat_id: Json;
  readonly meta_stackexchange_chat_id: Json;
  readonly stackoverflow_chat_id: Json;
}

/** A feedback in a message about its post. */
export interface LegacyFeedback {
  readonly feedback_type: Json;
  readonly user_name: string | null;
}

/** A post, and the rows that belong to it by their ids. */
export interface LegacyPost {
  readonly row: EventObject;
  readonly feedbacks: Map<string, LegacyFeedback>;
  readonly autoflags: Map<string, LegacyUser>;
  readonly manualFlags: Map<string, LegacyUser>;
}

/** The posts and users of the events that passed through the hub since its start. */
export class LegacyMemory {
  readonly #posts = new Map<string, LegacyPost>();
  readonly #users = new Map<string, LegacyUser>();

  learnPost(id: string, object: EventObject): void {
    const row = Object.fromEntries(Object.entries(object).filter(([column]) => !longColumns.includes(column)));
    const known = this.#posts.get(id) ?? {
      row,
      feedbacks: new Map(),
      autoflags: new Map(),
      manualFlags: new Map(),
    };
    remember(this.#posts, id, { ...known, row: { ...known.row, ...row } }, MOST_POSTS);
  }

  forgetPost(id: string): void {
    this.#posts.delete(id);
  }

  learnUser(id: string, row: EventObject): void {
    remember(this.#users, id, userOf(row), MOST_USERS);
  }

  /** Learns the name of a user from another row, unless the user's own row is known. */
  learnName(id: string, username: string): void {
    if (!this.#users.has(id)) this.learnUser(id, { username });
  }

  /** Returns the post that a row belongs to. */
  postOf(row: EventObject): LegacyPost | undefined {
    return this.#posts.get(idText(row.post_id) ?? '');
  }

  /** Returns the user that a row names; one without a name if it is not known. */
  userOf(row: EventObject): LegacyUser {
    return this.#users.get(idText(row.user_id) ?? '') ?? userOf({});
  }
}

function userOf(row: EventObject): LegacyUser {
  return {
    username: textOf(row.username),
    stackexchange_chat_id: row.stackexchange_chat_id ?? null,
    meta_stackexchange_chat_id: row.meta_stackexchange_chat_id ?? null,
    stackoverflow_chat_id: row.stackoverflow_chat_id ?? null,
  };
}

/** Returns a text that is not empty; otherwise null. */
export function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function remember<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
