import { readFileSync } from 'node:fs';
import { ansiToHtml } from './ansi-to-html.ts';
import { discordToHtml } from './discord-html.ts';
import { avatar, escapeHtml } from './html.ts';
import type { ReadRoom } from './matrix-room.ts';
import type { Shown } from './show-events.ts';

const style = readFileSync(new URL('page.css', import.meta.url), 'utf8');

/** The three rooms, as a page that runs no script and loads nothing. */
export function page({ terminal, room, channel }: Shown): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>${style}</style>
<main>
${discordToHtml('smoke', channel)}
${roomToHtml(room)}
<section class="terminal">
<header><i></i><i></i><i></i><span>lookout run</span></header>
<pre>${ansiToHtml(terminal)}</pre>
</section>
</main>
</html>`;
}

/** A room as graphical clients show it, in the common layout with a sender's messages in a row under one name. */
function roomToHtml({ name, topic, names, messages }: ReadRoom): string {
  const runs = messages.map(({ sender, origin_server_ts, content }, index) => {
    const isFirst = messages[index - 1]?.sender !== sender;
    const display = names[sender] ?? sender;
    const time = `<time>${new Date(origin_server_ts).toISOString().slice(11, 16)}</time>`;
    const head = isFirst ? `${avatar(display)}<div class="sender">${escapeHtml(display)}${time}</div>` : '';
    return `<article>${head}<div class="notice">${bodyOf(content)}</div></article>`;
  });
  return `<section class="matrix">
<header>${avatar(name)}<div><h1>${escapeHtml(name)}</h1><p>${escapeHtml(topic)}</p></div></header>
${runs.join('\n')}
<footer>Send an unencrypted message…</footer>
</section>`;
}

/**
 * The formatted body as it is: a client would take out what the specification does not allow, and messages that have
 * anything of that kind were refused before.
 */
function bodyOf(content: Readonly<Record<string, unknown>>): string {
  const { format, formatted_body: html, body } = content;
  return format === 'org.matrix.custom.html' && typeof html === 'string' ? html : escapeHtml(String(body));
}
