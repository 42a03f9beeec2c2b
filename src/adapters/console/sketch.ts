import { escapeHtml } from '../../text/html.ts';
import type { DrawSketch } from '../sketch.ts';
import { ansiToHtml } from './ansi-to-html.ts';
import { format, roomHeader } from './format.ts';

/** Draws a message as the terminal shows it. There is no request: the payload is the message itself. */
export const sketchOnConsole: DrawSketch = async (message, { room, columns }) => {
  const text = `${roomHeader(room)}${format(message, columns)}`;
  return {
    text,
    payload: JSON.stringify(message),
    html: async () => `<section class="terminal">
<header><i></i><i></i><i></i><span>${escapeHtml(room)}</span></header>
<pre>${ansiToHtml(text)}</pre>
</section>`,
  };
};
