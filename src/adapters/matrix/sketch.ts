import { sayWith, speak } from '../../render/speak.ts';
import { objectOf } from '../../text/json.ts';
import type { DrawSketch } from '../sketch.ts';
import { format } from './format/format.ts';
import { noticeToHtml } from './notice-to-html.ts';

/** The key of a message that is not sent. */
const noKey = 'sketch';
/** Commands begin with it unless the configuration says otherwise. */
const commandSign = '!';

/** Draws a message as the clients of Matrix show it. */
export const sketchOnMatrix: DrawSketch = async (message, { mentions, at }) => {
  const payload = format(speak(message, sayWith(commandSign)), noKey, mentions);
  const content = objectOf(JSON.parse(payload));
  return {
    text: `${String(content.body)}\n`,
    payload,
    html: async () =>
      `<section class="matrix alone" style="grid-column: 1 / -1">${noticeToHtml({ origin_server_ts: at, content }, 'Lookout')}</section>`,
  };
};
