import { normalUrl } from '../../format/cut.ts';
import { markedLink } from './mark.ts';

/** The link to metasmoke in its normal form, without and with the mark. */
export interface Mark {
  readonly url: string;
  readonly marked: string;
}

/** Longer, and it is not metasmoke's; it must fit beside a text of some use. */
const linkLimit = 600;

/** Null if there is no link, or none that could be shown: such a message has no mark. */
export function markOf(link: string | null, key: string): Mark | null {
  const url = link === null || link.length > linkLimit ? null : normalUrl(link);
  if (url === null || url.length > linkLimit) return null;
  return { url, marked: markedLink(url, key) };
}
