import type { Catalogue } from '../catalogue/catalogue.ts';
import { idText } from '../catalogue/subject.ts';
import type { Clock } from '../time/clock.ts';
import type { EventObject, Json } from '../words.ts';
import { messageTail } from './frames.ts';
import { LegacyMemory, type LegacyPost, textOf } from './legacy-memory.ts';
import type { WireEvent } from './wire-event.ts';

/**
 * The streams that metasmoke sends to a client that names no `events`, made of the events that pass through the hub. The
 * userscripts FIRE and AIM use them. Their messages have other shapes than events:
 *
 *     {feedback: {post_link, feedback_type, user_name, app_name, symbol}}
 *     {flag_log: {post_link, user_name, user: {…}, post: {…}}}
 *     {deletion_log: {post_link}}
 *     {statistic: {…}}
 *
 * https://github.com/Charcoal-SE/metasmoke: `app/channels/api_channel.rb`, the `after_create` of the models, and the
 * partials `_feedback`, `_flag_log`, `_deletion_log` and `_post` of `app/views`. There is no event from which the fifth
 * message, `{not_flagged}`, could be made.
 */
export interface LegacyStreams {
  /** Sends what an event gives. */
  hear(event: WireEvent): void;
  stop(): void;
}

export interface LegacyStreamsOptions {
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly publish: (tail: Buffer) => void;
  /** Called instead of a message that needs the link of a post that the hub does not know. */
  readonly onUnknownPost: (message: string) => void;
}

/** Time that a feedback without a name waits for the update that brings it, ms. */
const NAME_WITHIN_MS = 1_000;

export function createLegacyStreams(options: LegacyStreamsOptions): LegacyStreams {
  return new EventsAsLegacyStreams(options);
}

class EventsAsLegacyStreams implements LegacyStreams {
  readonly #options: LegacyStreamsOptions;
  readonly #memory = new LegacyMemory();
  /** Feedbacks that wait for a name, each with the function that cancels its timer. */
  readonly #nameless = new Map<string, () => void>();

  constructor(options: LegacyStreamsOptions) {
    this.#options = options;
  }

  hear({ event_class: eventClass, event_type: type, object }: WireEvent): void {
    const model = this.#options.catalogue.byClass(eventClass);
    const id = idText(object.id);
    if (id === null) return;
    switch (model?.role) {
      case 'report':
        if (type === 'destroy') this.#memory.forgetPost(id);
        else this.#memory.learnPost(id, object);
        break;
      case 'vote':
        if (type === 'destroy') this.#loseFeedback(id, object);
        else this.#hearFeedback(id, object, type);
        break;
      case 'flag':
        this.#hearFlag(id, object, type);
        break;
      case 'deletion':
        if (type === 'create' && object.is_deleted === true) this.#sendDeletion(object);
        break;
      case 'statistic':
        if (type === 'create') this.#publish({ statistic: object });
        break;
      default:
        if (model?.name === 'users') this.#memory.learnUser(id, object);
    }
  }

  stop(): void {
    for (const cancel of this.#nameless.values()) cancel();
    this.#nameless.clear();
  }

  #loseFeedback(id: string, object: EventObject): void {
    this.#memory.postOf(object)?.feedbacks.delete(id);
    this.#nameless.get(id)?.();
    this.#nameless.delete(id);
  }

  /** A feedback is sent once: when it is created or, if it has no name yet, when that comes. */
  #hearFeedback(id: string, object: EventObject, type: 'create' | 'update'): void {
    const userId = idText(object.user_id);
    const name = textOf(object.user_name) ?? this.#memory.userOf(object).username;
    if (userId !== null && name !== null) this.#memory.learnName(userId, name);
    const feedbacks = this.#memory.postOf(object)?.feedbacks;
    if (object.is_invalidated === true) feedbacks?.delete(id);
    else feedbacks?.set(id, { feedback_type: object.feedback_type ?? null, user_name: name });

    const cancel = this.#nameless.get(id);
    if (type === 'update' && cancel === undefined) return;
    if (name !== null || userId === null) {
      cancel?.();
      this.#sendFeedback(id, object, name);
    } else if (cancel === undefined) {
      const send = () => this.#sendFeedback(id, object, null);
      this.#nameless.set(id, this.#options.clock.after(NAME_WITHIN_MS, send));
    }
  }

  #sendFeedback(id: string, object: EventObject, name: string | null): void {
    this.#nameless.delete(id);
    const link = textOf(this.#memory.postOf(object)?.row.link) ?? textOf(object.post_link);
    if (link === null) {
      this.#options.onUnknownPost('feedback');
      return;
    }
    const type = object.feedback_type ?? null;
    const feedback = { post_link: link, feedback_type: type, user_name: name, app_name: null, symbol: symbolOf(type) };
    this.#publish({ feedback });
  }

  #hearFlag(id: string, object: EventObject, type: WireEvent['event_type']): void {
    const post = this.#memory.postOf(object);
    const user = this.#memory.userOf(object);
    const isFlag = type !== 'destroy' && object.success === true && object.is_dry_run !== true;
    const isAuto = isFlag && object.is_auto === true && object.flag_type !== 'other';
    if (type === 'destroy') for (const flags of [post?.autoflags, post?.manualFlags]) flags?.delete(id);
    else if (isAuto) post?.autoflags.set(id, user);
    else if (isFlag && object.is_auto === false) post?.manualFlags.set(id, user);
    if (type !== 'create' || !isAuto) return;
    const link = textOf(post?.row.link);
    if (post === undefined || link === null) {
      this.#options.onUnknownPost('flag_log');
      return;
    }
    const { username, ...chatIds } = user;
    const shownUser = { user_name: username, ...chatIds };
    this.#publish({ flag_log: { post_link: link, user_name: username, user: shownUser, post: shownPost(post) } });
  }

  #sendDeletion(object: EventObject): void {
    const link = textOf(this.#memory.postOf(object)?.row.link);
    if (link === null) this.#options.onUnknownPost('deletion_log');
    else this.#publish({ deletion_log: { post_link: link } });
  }

  #publish(message: unknown): void {
    this.#options.publish(messageTail(message));
  }
}

/** Returns a post as the partial `_post` shows it, without the weight of its reasons, which no event contains. */
function shownPost({ row, feedbacks, autoflags, manualFlags }: LegacyPost) {
  const types = [...feedbacks.values()].map(({ feedback_type: type }) => String(type));
  const count = (part: string) => types.filter((type) => type.includes(part)).length;
  const flaggers = [...autoflags.values()];
  return {
    ...row,
    count_tp: count('t'),
    count_fp: count('f'),
    count_naa: count('naa'),
    autoflagged: { flagged: flaggers.length > 0, names: flaggers.map(({ username }) => username), users: flaggers },
    manual_flags: { users: [...manualFlags.values()] },
    feedbacks: [...feedbacks.values()],
  };
}

/** Returns the sign of a feedback as HTML, as `element_symbol_for_feedback` of metasmoke does. */
function symbolOf(type: Json): string {
  const text = String(type);
  if (text.includes('f')) return '&#x2717;';
  if (text.includes('t')) return '&#x2713;';
  return text.includes('naa') ? '&#128169;' : '';
}
