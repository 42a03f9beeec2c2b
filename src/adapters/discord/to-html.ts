import { avatar, escapeHtml } from '../../text/html.ts';
import { missingPackage } from '../../text/missing-part.ts';

/** The used part of a message of Discord's API. */
export interface ShownMessage {
  readonly content: string;
  readonly embeds: readonly unknown[];
  /** ISO 8601. */
  readonly timestamp: string;
}

/** Converts Discord's Markdown to HTML. */
type ToHtml = (markdown: string, options: { readonly embed: boolean }) => string;

/** Shows a channel as Discord's clients do; a third-party parser reads its Markdown. */
export async function discordToHtml(name: string, messages: readonly ShownMessage[]): Promise<string> {
  const articles: string[] = [];
  for (const [index, message] of messages.entries())
    articles.push(await messageToHtml(message, index === 0 ? 'Lookout' : null));
  return `<section class="discord">
<header><span>#</span><h1>${escapeHtml(name)}</h1></header>
${articles.join('\n')}
<footer>Message #${escapeHtml(name)}</footer>
</section>`;
}

/** Shows one message, under its sender's name if that is given. Throws a `MissingPartError` without the parser. */
export async function messageToHtml(
  { content, embeds, timestamp }: ShownMessage,
  sender: string | null,
): Promise<string> {
  const toHtml = await loadParser();
  const time = `<time>${timestamp.slice(11, 16)}</time>`;
  const head =
    sender === null ? '' : `${avatar(sender)}<div class="sender">${escapeHtml(sender)}<b>APP</b>${time}</div>`;
  const text = content === '' ? '' : `<div>${toHtml(content, { embed: false })}</div>`;
  const shown = (embeds as readonly Embed[]).map((embed) => embedToHtml(embed, toHtml));
  return `<article>${head}${text}${shown.join('')}</article>`;
}

async function loadParser(): Promise<ToHtml> {
  try {
    return (await import('@odiffey/discord-markdown')).toHTML;
  } catch (cause) {
    throw missingPackage('a page of Discord', '@odiffey/discord-markdown@3.3.0', cause);
  }
}

/** https://docs.discord.com/developers/resources/message#embed-object */
interface Embed {
  readonly title?: string;
  readonly url?: string;
  readonly description?: string;
  readonly color?: number;
  readonly fields?: readonly { readonly name: string; readonly value: string }[];
  readonly footer?: { readonly text: string };
}

function embedToHtml({ title, url, description, color, fields = [], footer }: Embed, toHtml: ToHtml): string {
  const marked = (text: string | undefined) => (text === undefined ? '' : toHtml(text, { embed: true }));
  const shownTitle = url === undefined ? marked(title) : `<a href="${escapeHtml(url)}">${marked(title)}</a>`;
  const parts = [
    title === undefined ? '' : `<h2>${shownTitle}</h2>`,
    description === undefined ? '' : `<div>${marked(description)}</div>`,
    ...fields.map(({ name, value }) => `<dl><dt>${marked(name)}</dt><dd>${marked(value)}</dd></dl>`),
    footer === undefined ? '' : `<small>${escapeHtml(footer.text)}</small>`,
  ];
  const bar = `#${(color ?? 0x4e5058).toString(16).padStart(6, '0')}`;
  return `<div class="embed" style="border-left-color: ${bar}">${parts.join('')}</div>`;
}
