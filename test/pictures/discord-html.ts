import { toHTML } from '@odiffey/discord-markdown';
import type { DoubleMessage } from '../support/discord/double.ts';
import { avatar, escapeHtml } from './html.ts';

/** Shows a channel as Discord's clients do; a third-party parser reads its Markdown. */
export function discordToHtml(name: string, messages: readonly DoubleMessage[]): string {
  const articles = messages.map((message, index) => messageToHtml(message, index === 0 ? 'Lookout' : null));
  return `<section class="discord">
<header><span>#</span><h1>${escapeHtml(name)}</h1></header>
${articles.join('\n')}
<footer>Message #${escapeHtml(name)}</footer>
</section>`;
}

/** Shows one message, under its sender's name if that is given. */
export function messageToHtml({ content, embeds, timestamp }: DoubleMessage, sender: string | null): string {
  const time = `<time>${timestamp.slice(11, 16)}</time>`;
  const head =
    sender === null ? '' : `${avatar(sender)}<div class="sender">${escapeHtml(sender)}<b>APP</b>${time}</div>`;
  const text = content === '' ? '' : `<div>${toHTML(content, { embed: false })}</div>`;
  return `<article>${head}${text}${(embeds as readonly Embed[]).map(embedToHtml).join('')}</article>`;
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

function embedToHtml({ title, url, description, color, fields = [], footer }: Embed): string {
  const marked = (text: string | undefined) => (text === undefined ? '' : toHTML(text, { embed: true }));
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
