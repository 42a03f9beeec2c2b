import { sql } from 'kysely';
import type { SourceLinks } from '../catalogue/source-kind.ts';
import { anyPostSubject } from '../catalogue/subject.ts';
import type { Block, Inline } from '../render/message.ts';
import { code, link, list, paragraph, spoiler } from '../render/say.ts';
import type { Database, Trx } from '../store/tables.ts';
import { readState } from '../subject-rows/known-post.ts';
import { readOffensive } from '../subject-rows/read-offensive.ts';
import type { PostState } from '../subjects/post-state.ts';
import { counted } from '../text/counted.ts';
import { type ActiveMute, quietHours } from './active-mute.ts';
import type { MaskedRooms } from './masked-rooms.ts';

/** Largest number of posts listed by name; the rest are counted. */
const mostPosts = 20;
/** Number of the newest muted posts that are checked for the list. */
const mostLookedAt = 200;

export interface HeldBackParts {
  readonly links: SourceLinks;
  readonly masked: MaskedRooms;
}

/** A mute, as far as a list of what it held back names it. */
export type NamedMute = Pick<ActiveMute, 'id' | 'roomId' | 'events' | 'where' | 'except' | 'author'>;

/** The events that mutes of one room held back together. */
export interface HeldBack {
  /** Number of the events. */
  readonly count: number;
  /** The mutes that are worth naming: quiet hours that held nothing back are not. */
  readonly mutes: readonly NamedMute[];
  /** The counts as a sentence: of the events, of the posts that they are about, and of each model. */
  readonly sentence: string;
  /** The posts among them that still stand. */
  readonly standing: readonly Block[];
}

export async function readHeldBack(
  db: Database | Trx,
  mutes: readonly NamedMute[],
  parts: HeldBackParts,
): Promise<HeldBack> {
  const ids = mutes.map(({ id }) => String(id));
  const events = db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .where('d.mute', 'in', ids)
    .where('d.state', '=', sql.lit('muted'));
  const rows = await events
    .select((e) => ['d.mute', 'e.model', e.fn.countAll<number>().as('count')])
    .groupBy(['d.mute', 'e.model'])
    .execute();
  const ofPosts = await events
    .where('e.subject', 'like', anyPostSubject)
    .select((e) => [e.fn.countAll<number>().as('events'), e.fn.count<number>('e.subject').distinct().as('subjects')])
    .executeTakeFirstOrThrow();
  const count = sumOf(rows);
  const holders = new Set(rows.map(({ mute }) => mute));
  return {
    count,
    mutes: mutes.filter(({ id, author }) => author !== quietHours || holders.has(String(id))),
    sentence: sentenceOf(rows, { events: Number(ofPosts.events), posts: Number(ofPosts.subjects) }),
    standing: count === 0 ? [] : await standingPosts(db, mutes, parts),
  };
}

/** Says which events a mute covered. */
export function covered({ events, where, except }: NamedMute): readonly (string | Inline)[] {
  return [
    events === null ? 'the whole room' : code(events),
    ...(where === null ? [] : [' where ', code(where)]),
    ...(except === null ? [] : [' except ', code(except)]),
  ];
}

const sumOf = (rows: readonly { readonly count: number }[]) => rows.reduce((sum, { count }) => sum + Number(count), 0);

/** Counts events and posts apart: a post has many events. */
function sentenceOf(
  rows: readonly { readonly model: string; readonly count: number }[],
  ofPosts: { readonly events: number; readonly posts: number },
): string {
  const all = sumOf(rows);
  if (all === 0) return 'Nothing was held back.';
  const posts = counted(ofPosts.posts, 'post');
  const some = ofPosts.events === 0 ? '' : `, ${ofPosts.events} of them about ${posts}`;
  const about = ofPosts.events === all ? ` about ${posts}` : some;
  const models = [...Map.groupBy(rows, ({ model }) => model)].sort(([a], [b]) => (a < b ? -1 : 1));
  const named = models.map(([model, ofModel]) => `${model.replaceAll('_', ' ')} ${sumOf(ofModel)}`).join(', ');
  return `Held back: ${counted(all, 'event')}${about}${models.length === 1 ? '' : ` (${named})`}.`;
}

async function standingPosts(
  db: Database | Trx,
  mutes: readonly NamedMute[],
  { links, masked }: HeldBackParts,
): Promise<readonly Block[]> {
  const ids = mutes.map(({ id }) => String(id));
  const held = await db
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select((s) => ['e.subject', s.fn.max('e.id').as('newest')])
    .where('d.mute', 'in', ids)
    .where('d.state', '=', sql.lit('muted'))
    .where('e.role', '=', 'report')
    .groupBy('e.subject')
    .orderBy('newest', 'desc')
    .limit(mostLookedAt)
    .execute();
  const subjects = held.map(({ subject }) => subject);
  const hidden = masked().has(mutes[0]?.roomId ?? -1) ? await readOffensive(db, subjects) : new Set();
  const items: (readonly (string | Inline)[])[] = [];
  let more = 0;
  for (const subject of subjects) {
    const post = await standing(db, subject);
    if (post === null) continue;
    if (items.length >= mostPosts) {
      more++;
      continue;
    }
    const known = typeof post.title === 'string' ? post.title : subject;
    const title = hidden.has(subject) ? spoiler(known) : known;
    const url = links.postPage(subject);
    items.push(url === null ? [title] : [link(url, subject), ' ', title]);
  }
  if (items.length === 0) return [];
  const rest = more === 0 ? [] : [paragraph(`And ${more} more.`)];
  return [paragraph('Still standing:'), list(items), ...rest];
}

/** Returns the known row of a post, or null if it was deleted. */
async function standing(db: Database | Trx, subject: string): Promise<PostState['row'] | null> {
  const { fate, row } = await readState(db, subject);
  return fate === 'stands' && Object.keys(row).length > 0 ? row : null;
}
