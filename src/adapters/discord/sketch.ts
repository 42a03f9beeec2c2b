import { speak } from '../../render/speak.ts';
import type { DrawSketch } from '../sketch.ts';
import { format } from './format/format.ts';
import { sayOnDiscord } from './say.ts';

/** The key of a message that is not sent. */
const noKey = 'sketch';

/** The used part of a message's body, https://docs.discord.com/developers/resources/message#create-message. */
interface Body {
  readonly content?: string;
  readonly embeds?: readonly Embed[];
}

/** https://docs.discord.com/developers/resources/message#embed-object */
interface Embed {
  readonly title?: string;
  readonly url?: string;
  readonly description?: string;
  readonly fields?: readonly { readonly name: string; readonly value: string }[];
  readonly footer?: { readonly text: string };
}

/** Draws a message as Discord's clients show it in a channel where the bot may use embeds. */
export const sketchOnDiscord: DrawSketch = async (message, { mentions, at }) => {
  const payload = format(speak(message, sayOnDiscord([], 'top')), noKey, { embeds: true, mentions });
  const { content = '', embeds = [] } = JSON.parse(payload) as Body;
  const texts = [content, ...embeds.map(textOf)].filter((text) => text !== '');
  return {
    text: `${texts.join('\n\n')}\n`,
    payload,
    async html() {
      const { messageToHtml } = await import('./to-html.ts');
      const shown = { content, embeds, timestamp: new Date(at).toISOString() };
      return `<section class="discord alone" style="grid-column: 1 / -1">${await messageToHtml(shown, 'Lookout')}</section>`;
    },
  };
};

function textOf({ title, url, description, fields = [], footer }: Embed): string {
  return [
    title,
    url === undefined ? undefined : `<${url}>`,
    description,
    ...fields.map(({ name, value }) => `${name}: ${value}`),
    footer?.text,
  ]
    .filter((part) => part !== undefined && part !== '')
    .join('\n');
}
