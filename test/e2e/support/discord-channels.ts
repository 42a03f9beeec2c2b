import { parse } from 'discord-markdown-parser';
import { type DiscordDouble, type DoubleMessage, startDiscordDouble } from '../../support/discord/double.ts';
import type { Shown } from './oracle.ts';
import type { RoomName } from './stage.ts';

/** A server that behaves as Discord does, with a channel for each room. */
export interface DiscordChannels {
  readonly double: DiscordDouble;
  readonly ids: Readonly<Record<RoomName, string>>;
  /** Returns the `marks` channel as its readers see it. */
  shown(): readonly Shown[];
}

export async function startDiscordChannels(limits: 'off' | 'real'): Promise<DiscordChannels> {
  const double = await startDiscordDouble();
  double.limits = limits;
  const ids = { marks: double.createChannel(), looks: double.createChannel() };
  return {
    double,
    ids,
    shown: () =>
      double
        .messages(ids.marks)
        .flatMap((message) => firstLines(message).map((mark) => ({ mark, at: Date.parse(message.timestamp) }))),
  };
}

/** Returns the first line that a client shows of each embed of a message, or of its content. */
export function firstLines({ content, embeds }: DoubleMessage): readonly string[] {
  const texts = embeds.length === 0 ? [content] : embeds.map(({ description }) => String(description));
  return texts.map((text) => {
    const [line = ''] = textOf(parse(text, 'extended')).split('\n');
    return line.trim();
  });
}

/** Returns the letters of a parsed text, without its formatting. */
function textOf(node: unknown): string {
  if (Array.isArray(node)) return node.map(textOf).join('');
  const { type, content } = node as { readonly type: string; readonly content?: unknown };
  if (type === 'br') return '\n';
  return typeof content === 'string' ? content : content === undefined ? '' : textOf(content);
}
