import type { Block, Field, Message } from '../../../render/message.ts';
import { normalUrl } from '../../format/cut.ts';
import { fieldsAsLines, isBlank } from './fields.ts';
import { fitBlocks, fitInlines, fitPlain } from './fit.ts';
import { limits } from './limits.ts';
import { inLink, type Links } from './line.ts';
import type { Mark } from './metasmoke-link.ts';

export interface EmbedField {
  readonly name: string;
  readonly value: string;
  readonly inline: boolean;
}

/** https://discord.com/developers/docs/resources/message#embed-object */
export interface Embed {
  readonly title?: string;
  readonly url?: string;
  readonly color?: number;
  readonly description?: string;
  readonly fields?: readonly EmbedField[];
  readonly footer?: { readonly text: string };
  readonly image?: { readonly url: string };
}

/** Length limit of a footer, in UTF-16 units: a longer one does not look like one. */
const footerLimit = 500;
/** The part that fields may take if the body needs more than there is. */
const fieldsShare = 2_500;

const unlinked: Links = { form: 'none', mark: null };

/** A message as one embed: its title leads to metasmoke, its bar has the colour, the body is its description. */
export function toEmbed(message: Message, mark: Mark | null): Embed {
  const title = message.title === null ? '' : fitInlines(message.title, limits.title, unlinked).text;
  const footer = message.footer === null ? '' : fitPlain(message.footer, footerLimit).text;
  const url = title === '' || message.url === null ? null : normalUrl(message.url);
  const isTitleMarked = mark !== null && url === mark.url;
  const links: Links = { form: 'masked', mark: isTitleMarked ? null : mark };

  const whole = message.fields.filter(isWhole);
  const blocks: readonly Block[] = [
    ...message.body,
    // Discord takes no field without a name or a value.
    ...fieldsAsLines(message.fields.filter((field) => !isWhole(field))),
  ];
  const around = title.length + footer.length;
  const wanted = describe(blocks, limits.description, links).length;
  const fields = toFields(whole, Math.max(fieldsShare, limits.embeds - around - wanted), links);
  const taken = fields.reduce((sum, { name, value }) => sum + name.length + value.length, around);
  const description = describe(blocks, Math.min(limits.description, limits.embeds - taken), links);

  const color = message.color === null ? null : Number.parseInt(message.color.slice(1), 16);
  const image = message.image === null ? null : normalUrl(message.image);
  const isEmpty = title === '' && description === '' && fields.length === 0;
  return {
    ...(title === '' ? {} : { title }),
    ...(url === null ? {} : { url: isTitleMarked ? mark.marked : url }),
    ...(color === null || !Number.isInteger(color) ? {} : { color }),
    ...(isEmpty ? { description: '(no text)' } : description === '' ? {} : { description }),
    ...(fields.length === 0 ? {} : { fields }),
    ...(footer === '' ? {} : { footer: { text: footer } }),
    ...(image === null ? {} : { image: { url: image } }),
  };
}

/** The units that count towards the limit of all embeds together. */
export function embedLength({ title = '', description = '', fields = [], footer }: Embed): number {
  const inFields = fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
  return title.length + description.length + inFields + (footer?.text.length ?? 0);
}

function isWhole({ name, value }: Field): boolean {
  return !isBlank(name) && !isBlank(value);
}

/** The description; where the link to metasmoke stands in nothing else that is kept, it follows below. */
function describe(blocks: readonly Block[], limit: number, links: Links): string {
  const whole = fitBlocks(blocks, limit, links);
  if (links.mark === null || whole.isMarked) return whole.text;
  const link = `[metasmoke](${inLink(links.mark.marked)})`;
  const { text } = fitBlocks(blocks, limit - link.length - 2, { ...links, mark: null });
  return text === '' ? link : `${text}\n\n${link}`;
}

/** As many fields as fit into `limit`; the last says that there are more. */
function toFields(fields: readonly Field[], limit: number, links: Links): readonly EmbedField[] {
  const kept: EmbedField[] = [];
  let left = limit;
  for (const [index, field] of fields.entries()) {
    const name = fitInlines(field.name, limits.fieldName, unlinked).text;
    const value = fitInlines(field.value, limits.fieldValue, { ...links, mark: null }, '\n').text;
    if (name === '' || value === '') continue;
    const isLast = kept.length === limits.fields - 1 && index < fields.length - 1;
    if (isLast || name.length + value.length > left - 2) {
      kept.push({ name: '…', value: '…', inline: false });
      break;
    }
    left -= name.length + value.length;
    kept.push({ name, value, inline: field.inline });
  }
  return kept;
}
