import { singularize } from '../../catalogue/inflect.ts';
import type { Inline, Message } from '../../render/message.ts';
import { link, list, paragraph, spoiler } from '../../render/say.ts';
import { hiddenTitle } from '../../subjects/offensive.ts';
import { countVotes, type Fate, type PostState } from '../../subjects/post-state.ts';
import { counted } from '../../text/counted.ts';
import { excerpt } from '../../text/excerpt.ts';
import { shownLine } from '../../text/shown.ts';
import { formatDuration } from '../../time/duration.ts';
import type { EventType } from '../../words.ts';
import { countEach } from './count-each.ts';

/** The line of a digest for one subject. */
export interface Entry {
  readonly subject: string;
  /** Its page on metasmoke; null if there is none. */
  readonly url: string | null;
  /** The state of a post; null for another subject. */
  readonly post: Pick<PostState, 'title' | 'site' | 'fate' | 'isAutoflagged' | 'counts'> | null;
  /** True if the room hides its title behind a spoiler. */
  readonly isHidden: boolean;
  /** Its name if there is no title of a post. */
  readonly label: string;
  /** True if its report is among the events of the digest. */
  readonly isReport: boolean;
  /** The derived events about it in the digest: `confirmed`. */
  readonly concluded: readonly EventType[];
}

export interface DigestParts {
  readonly entries: readonly Entry[];
  /** Number of its events by model: `feedbacks` → 12. */
  readonly counts: ReadonlyMap<string, number>;
  /** Time from the first of them on, ms. */
  readonly lastedMs: number;
  /** `gap`: its events were missed while the connection was down. */
  readonly about: 'wave' | 'gap';
}

/** The link of a digest, which carries its mark. */
const reports = 'https://metasmoke.erwaysoftware.com/posts';
const titleLimit = 60;
/** Shortest time that a headline names, ms. A shorter one would be shown as 0 s. */
const LEAST_SPAN_MS = 50;
/** Color of a digest whose posts are all over, as in the templates. */
const grey = '#8b949e';
const orange = '#f0883e';

/** Makes one message about many events: a line for each post that still needs attention, a link for each of the others. */
export function digestMessage({ entries, counts, lastedMs, about }: DigestParts): Message {
  const over = entries.filter(isOver);
  const open = entries.filter((entry) => !isOver(entry));
  const ended = (fate: Fate, word: string) => {
    const those = over.filter(({ post }) => post?.fate === fate);
    return those.length === 0 ? [] : [paragraph(`${word}: `, ...those.flatMap((entry) => [numbered(entry), ' ']))];
  };
  return {
    title: [{ kind: 'text', text: headline(entries, counts, lastedMs, about) }],
    url: reports,
    color: open.length === 0 ? grey : orange,
    body: [
      ...(open.length === 0 ? [] : [list(open.map(lineOf))]),
      ...ended('deleted', 'Deleted'),
      ...ended('removed', 'Removed'),
    ],
    fields: [],
    footer: sumOf(counts) > 1 ? [{ kind: 'text', text: footer(counts) }] : null,
    image: null,
    link: reports,
  };
}

/** Returns about how much of a message an entry takes, in UTF-16 units. */
export function costOf(entry: Entry): number {
  const url = entry.url?.length ?? 0;
  if (isOver(entry)) return url + 12;
  // Markup and its escapes: at most twice the text.
  const instead = entry.isHidden ? hiddenTitle.length + 12 : 0;
  return instead + 2 * titleOf(entry).length + url + factsOf(entry).join(' · ').length + 12;
}

/** Returns true for a post that is gone: it needs no attention any more. */
export const isOver = ({ post }: Entry) => post !== null && post.fate !== 'stands';

function titleOf({ post, label }: Entry): string {
  // Hidden characters are longer as they are shown.
  return excerpt(shownLine(post?.title ?? label), titleLimit);
}

function lineOf(entry: Entry): readonly (string | Inline)[] {
  const title = titleOf(entry);
  const isHidden = entry.isHidden && title.trim() !== '';
  const label = isHidden ? hiddenTitle : title.trim() === '' ? entry.subject : title;
  return [
    entry.url === null ? label : link(entry.url, label),
    ...(isHidden ? [' ', spoiler(title)] : []),
    ...factsOf(entry).map((fact) => ` · ${fact}`),
  ];
}

function factsOf({ post, concluded }: Entry): readonly string[] {
  const news = concluded.map((type) => type.replaceAll('_', ' '));
  if (post === null) return news;
  return [
    ...(post.site === null ? [] : [post.site]),
    ...Object.entries(countVotes(post)).flatMap(([verdict, count]) =>
      count > 0 && verdict !== 'ignore' ? [`${count} ${verdict}`] : [],
    ),
    ...(post.isAutoflagged && !concluded.includes('autoflagged') ? ['autoflagged'] : []),
    ...news,
  ];
}

function numbered({ url, subject }: Entry): string | Inline {
  const id = subject.slice(subject.indexOf(':') + 1);
  return url === null ? id : link(url, id);
}

function headline(
  entries: readonly Entry[],
  counts: DigestParts['counts'],
  lastedMs: number,
  about: DigestParts['about'],
): string {
  const reported = entries.filter(({ isReport }) => isReport);
  const deleted = reported.filter(isOver).length;
  const what =
    reported.length === 0
      ? counted(sumOf(counts), 'event')
      : `${counted(reported.length, 'report')}${sites(reported.flatMap(({ post }) => post?.site ?? []))}`;
  const span = lastedMs < LEAST_SPAN_MS ? '' : ` in ${formatDuration(lastedMs)}`;
  const when = about === 'gap' ? ` missed${span}` : span;
  return `${what}${when}${deleted === 0 ? '' : `, ${deleted} deleted`}`;
}

/** ` on apple.stackexchange.com`, ` on 4 sites, most of them on …`. */
function sites(all: readonly string[]): string {
  const bySite = countEach(all);
  const [first, ...others] = [...bySite].sort((a, b) => b[1] - a[1]);
  if (first === undefined) return '';
  if (others.length === 0) return ` on ${first[0]}`;
  return ` on ${bySite.size} sites (${first[0]}: ${first[1]})`;
}

const sumOf = (counts: DigestParts['counts']) => [...counts.values()].reduce((sum, count) => sum + count, 0);

function footer(counts: DigestParts['counts']): string {
  const named = [...counts].map(([model, count]) => counted(count, singularize(model), model).replaceAll('_', ' '));
  return `Several events in one message: ${named.join(', ')}`;
}
