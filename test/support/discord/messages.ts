import { shows } from './check-embed.ts';
import type { MessageForm } from './check-message.ts';
import type { Mentions } from './mentions.ts';
import { suppressEmbeds } from './previews.ts';
import { type User, userShape } from './shapes.ts';

/** A message as Discord returns it: https://docs.discord.com/developers/resources/message#message-object */
export interface DoubleMessage {
  readonly id: string;
  readonly channel_id: string;
  readonly content: string;
  readonly embeds: readonly Readonly<Record<string, unknown>>[];
  readonly author: { readonly id: string };
  readonly flags: number;
  readonly timestamp: string;
  readonly edited_timestamp: string | null;
  readonly mention_everyone: boolean;
  readonly mentions: readonly { readonly id: string }[];
  readonly mention_roles: readonly string[];
  readonly message_reference?: { readonly message_id: string };
  readonly reactions?: readonly Reaction[];
}

/** https://docs.discord.com/developers/resources/message#reaction-object */
export interface Reaction {
  readonly emoji: { readonly id: string | null; readonly name: string };
  readonly count: number;
  readonly count_details: { readonly burst: number; readonly normal: number };
  readonly burst_colors: readonly string[];
  readonly me_burst: boolean;
  readonly me: boolean;
}

export const timestamp = (ms: number): string => new Date(ms).toISOString().replace('Z', '000+00:00');

/** Returns embeds as Discord does, with trimmed texts and without nulls. An empty embed is left out. */
function embedsShown(embeds: MessageForm['embeds']): Readonly<Record<string, unknown>>[] {
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return value.trim();
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value).filter(([, each]) => each !== null && each !== undefined);
    return Object.fromEntries(kept.map(([name, each]) => [name, clean(each)]));
  };
  return (embeds ?? []).filter(shows).map((embed) => {
    const { fields, ...rest } = clean(embed) as { fields?: Record<string, unknown>[] };
    const inline = fields?.map((field) => ({ inline: false, ...field }));
    return { ...rest, type: 'rich', ...(inline && inline.length > 0 ? { fields: inline } : {}) };
  });
}

/** Returns the content of a message from a form; Discord refuses a message without any. */
export function shownOf(form: MessageForm): Pick<DoubleMessage, 'content' | 'embeds' | 'flags'> {
  return {
    content: String(form.content ?? '').trim(),
    embeds: embedsShown(form.embeds),
    flags: Number(form.flags ?? 0) & (suppressEmbeds | (1 << 12)),
  };
}

export function mentionsShown(
  mentions: Mentions,
): Pick<DoubleMessage, 'mention_everyone' | 'mentions' | 'mention_roles'> {
  return {
    mention_everyone: mentions.everyone,
    mentions: mentions.users.map((id) => userShape({ id, username: `user${id}` }, false) as { id: string }),
    mention_roles: mentions.roles,
  };
}

export function newMessage(
  id: string,
  channel: string,
  author: User,
  now: number,
  said: ReturnType<typeof shownOf> & ReturnType<typeof mentionsShown>,
  repliedTo: Readonly<Record<string, unknown>> | undefined,
): DoubleMessage {
  return {
    type: repliedTo ? 19 : 0,
    ...(repliedTo ? { message_reference: repliedTo } : {}),
    ...said,
    attachments: [],
    components: [],
    id,
    channel_id: channel,
    author: userShape(author, true) as { id: string },
    timestamp: timestamp(now),
    edited_timestamp: null,
    pinned: false,
    tts: false,
  } as unknown as DoubleMessage;
}

export interface Range {
  readonly before: string | null;
  readonly after: string | null;
  readonly around: string | null;
  readonly limit: number;
}

/** Returns a page, newest first: just before, just after or around an id, or the newest. `all` is oldest first. */
export function page(all: readonly DoubleMessage[], { before, after, around, limit }: Range): readonly DoubleMessage[] {
  const older = (than: string) => all.filter(({ id }) => BigInt(id) < BigInt(than));
  const newer = (than: string) => all.filter(({ id }) => BigInt(id) > BigInt(than));
  const last = (those: readonly DoubleMessage[], count: number) => those.slice(Math.max(0, those.length - count));
  let chosen: readonly DoubleMessage[];
  if (around !== null) {
    const half = Math.floor(limit / 2);
    const middle = all.filter(({ id }) => id === around);
    chosen = [...last(older(around), half), ...middle, ...newer(around).slice(0, half)];
  } else if (after !== null) chosen = newer(after).slice(0, limit);
  else chosen = last(before === null ? all : older(before), limit);
  return chosen.toReversed();
}
