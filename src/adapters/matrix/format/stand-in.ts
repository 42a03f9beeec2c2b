import { listOf, objectOf, textOf } from '../../../text/json.ts';
import { isPostLink } from '../../format/post-link.ts';
import { escapeHtml } from './html.ts';
import { linkField } from './mark.ts';
import { pingedBy } from './mentions.ts';

/** A stored payload without the text that the homeserver refuses: what remains is its link to metasmoke, its mark and whom it pings. */
export function standIn(payload: string): string {
  const content = objectOf(JSON.parse(payload));
  const link = textOf(content[linkField]);
  const users = listOf(objectOf(content['m.mentions']).user_ids).filter((id) => typeof id === 'string');
  const pinged = pingedBy(users.map((id) => ({ kind: 'user', platform: 'matrix', id })));
  const what = link !== null && isPostLink(link) ? 'A report' : 'A message';
  const said = `${what} that the homeserver does not let us show${link === null ? '.' : ': '}`;
  const url = link === null ? '' : escapeHtml(link);
  return JSON.stringify({
    ...content,
    body: `${pinged.plain}${said}${link ?? ''}`,
    formatted_body: `<p>${pinged.html}${said}${link === null ? '' : `<a href="${url}">${url}</a>`}</p>`,
  });
}
