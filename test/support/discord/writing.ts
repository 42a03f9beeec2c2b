import type { Clock } from '../../../src/time/clock.ts';
import type { Channel, Channels } from './channels.ts';
import { emptyMessage, type MessageForm, readForm } from './check-message.ts';
import { type Effects, takeEffect } from './effects.ts';
import { fail, missingPermissions, ok, type Reply, type Seen, unknownMessage } from './exchange.ts';
import { invalidForm } from './invalid-form.ts';
import { tooMany } from './limits.ts';
import { type DoubleMessage, mentionsShown, newMessage, type Reaction, shownOf, timestamp } from './messages.ts';
import { createNonces } from './nonces.ts';
import type { User } from './shapes.ts';
import { timeOf } from './snowflake.ts';

export interface WritingOptions {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly bot: User;
  readonly channels: Channels;
  readonly effects: Effects;
}

const archivedThread = fail(400, 50083, 'Thread is archived');
const lockedThread = fail(403, 160005, 'Thread is locked');
const cannotReply = fail(400, 160002, 'Cannot reply without permission to read message history');
/**
 * Discord does not document the number; https://github.com/circuitsacul/starboard-4/issues/118 counted three in 20 s
 * per channel.
 */
const editsOfOld = { olderThanMs: 3_600_000, most: 3, perMs: 20_000 };

/** The messages of all channels, and the operations that change them. */
export function createWriting({ clock, newId, bot, channels, effects }: WritingOptions) {
  const stored = new Map<string, DoubleMessage[]>();
  const nonces = createNonces<DoubleMessage>(clock.now);
  const lastSent = new Map<string, number>();
  const oldEdited = new Map<string, number[]>();
  const of = (channel: string): readonly DoubleMessage[] => stored.get(channel) ?? [];
  const find = (channel: string, id: string) => of(channel).find((message) => message.id === id);

  /**
   * Returns the reason why the bot may not send here now. Slow mode is said not to affect bots
   * (https://docs.discord.com/developers/resources/channel); here it does, in case that changes.
   */
  function refusal(channel: Channel, form: MessageForm): Reply | null {
    const may = channels.may(channel);
    if (!may(channel.parent === null ? 'SendMessages' : 'SendMessagesInThreads')) return missingPermissions;
    if (form.embeds && form.embeds.length > 0 && !may('EmbedLinks')) return missingPermissions;
    if (form.message_reference && !may('ReadMessageHistory')) return cannotReply;
    // A thread that is only archived is unarchived by a message.
    if (channel.locked && !may('ManageThreads')) return channel.archived ? archivedThread : lockedThread;
    const waitMs = (lastSent.get(channel.id) ?? -Infinity) + channel.slowmodeSeconds * 1_000 - clock.now();
    if (waitMs <= 0) return null;
    const message = 'This action cannot be performed due to slowmode rate limit.';
    return tooMany(waitMs, 'user', { code: 20016, message });
  }

  /**
   * Returns the message that this nonce already made, or that it is gone
   * (https://github.com/Rapptz/discord.py/issues/10116).
   */
  function repeated(channel: Channel, { nonce, enforce_nonce }: MessageForm): Reply | null {
    if (!enforce_nonce || nonce == null) return null;
    const first = nonces.find(channel.id, String(nonce));
    if (first === undefined) return null;
    return find(channel.id, first.id) === undefined ? unknownMessage : ok({ ...first, nonce });
  }

  /** `id`: that of the message; a new one if it is not given. */
  function create(channel: Channel, request: Seen, id = newId()): Reply {
    const read = readForm(request);
    if ('refused' in read) return read.refused;
    const { form } = read;
    const refused = refusal(channel, form) ?? repeated(channel, form);
    if (refused) return refused;
    const shown = shownOf(form);
    if (shown.content === '' && shown.embeds.length === 0) return emptyMessage;
    const reference = form.message_reference;
    const repliedTo = reference ? find(channel.id, reference.message_id) : undefined;
    if (reference && repliedTo === undefined && reference.fail_if_not_exists !== false) {
      const wrong = { at: 'message_reference', code: 'REPLIES_UNKNOWN_MESSAGE', message: 'Unknown message' };
      return invalidForm([wrong]);
    }
    const mentions = takeEffect(effects, `POST ${channel.id}/${id}`, form, shown, repliedTo?.author.id ?? null);
    const reply = repliedTo && { type: 0, channel_id: channel.id, message_id: repliedTo.id };
    const made = newMessage(id, channel.id, bot, clock.now(), { ...shown, ...mentionsShown(mentions) }, reply);
    const before = stored.get(channel.id);
    if (before === undefined) stored.set(channel.id, [made]);
    else before.push(made);
    channel.lastMessage = id;
    channel.archived = false;
    lastSent.set(channel.id, clock.now());
    if (form.nonce == null) return ok(made);
    nonces.remember(channel.id, String(form.nonce), made);
    return ok({ ...made, nonce: form.nonce });
  }

  /** Returns the reason why this old message may not be edited again now. */
  function tooOften(channel: Channel, id: string): Reply | null {
    const now = clock.now();
    if (now - timeOf(id) <= editsOfOld.olderThanMs) return null;
    const recent = (oldEdited.get(channel.id) ?? []).filter((at) => now - at < editsOfOld.perMs);
    oldEdited.set(channel.id, recent);
    const [oldest] = recent;
    if (oldest !== undefined && recent.length >= editsOfOld.most) {
      const message = 'Maximum number of edits to messages older than 1 hour reached. Try again later.';
      return tooMany(oldest + editsOfOld.perMs - now, 'user', { code: 30046, message });
    }
    recent.push(now);
    return null;
  }

  function edit(channel: Channel, id: string, request: Seen): Reply {
    const known = find(channel.id, id);
    if (known === undefined) return unknownMessage;
    if (known.author.id !== bot.id) return fail(403, 50005, 'Cannot edit a message authored by another user');
    const read = readForm(request);
    if ('refused' in read) return read.refused;
    const { form } = read;
    if (channel.archived) return archivedThread;
    if (form.embeds && form.embeds.length > 0 && !channels.may(channel)('EmbedLinks')) return missingPermissions;
    const refused = tooOften(channel, id);
    if (refused) return refused;
    const fresh = shownOf(form);
    const shown = {
      content: form.content === undefined ? known.content : fresh.content,
      embeds: form.embeds === undefined ? known.embeds : fresh.embeds,
      flags: form.flags == null ? known.flags : fresh.flags,
    };
    if (shown.content === '' && shown.embeds.length === 0) return emptyMessage;
    const mentions = takeEffect(effects, `PATCH ${channel.id}/${id}`, form, shown, null);
    const edited = { ...known, ...shown, ...mentionsShown(mentions), edited_timestamp: timestamp(clock.now()) };
    stored.set(
      channel.id,
      of(channel.id).map((message) => (message === known ? edited : message)),
    );
    return ok(edited);
  }

  return {
    of,
    find,
    create,
    edit,
    setReactions(channel: string, id: string, reactions: readonly Reaction[]): void {
      stored.set(
        channel,
        of(channel).map((message) => (message.id === id ? { ...message, reactions } : message)),
      );
    },
    remove(channel: string, id: string): void {
      stored.set(
        channel,
        of(channel).filter((message) => message.id !== id),
      );
    },
  };
}

export type Writing = ReturnType<typeof createWriting>;
