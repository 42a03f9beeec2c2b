import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import { singularize } from '../catalogue/inflect.ts';
import type { SourceLinks } from '../catalogue/source-kind.ts';
import type { Block, Inline } from '../render/message.ts';
import { code, link, list, messageOf, paragraph, person, spoiler } from '../render/say.ts';
import { type ActiveMute, quietHours } from '../rooms/active-mute.ts';
import type { MaskedRooms } from '../rooms/masked-rooms.ts';
import type { EndedMute } from '../rooms/mutes.ts';
import { storedEvent } from '../store/stored-event.ts';
import type { Trx } from '../store/tables.ts';
import { readState } from '../subject-rows/known-post.ts';
import { readOffensive } from '../subject-rows/read-offensive.ts';
import type { PostState } from '../subjects/post-state.ts';
import { counted } from '../text/counted.ts';
import type { Event } from '../words.ts';
import { writeNotice } from './write-notice.ts';

/** Largest number of posts listed by name; the rest are counted. */
const mostPosts = 20;
/** Number of the newest muted posts that are checked for the list. */
const mostLookedAt = 200;
/** Time after which other work gets a turn, ms, because conditions take time and SQLite queries do not yield. */
const TURN_MS = 20;
/** Number of muted deliveries processed in one query. */
const batch = 500;

/** Creates the function that writes the notice at the end of a mute. */
export function createMuteNotice(parts: MuteNoticeParts): (trx: Trx, ended: EndedMute) => Promise<void> {
  return (trx, ended) => writeEnd(trx, ended, parts);
}

export interface MuteNoticeParts {
  readonly links: SourceLinks;
  readonly masked: MaskedRooms;
}

/**
 * Writes a notice to the room: what a mute held back, by model, and which of the posts still stand. The notice is
 * stored as a message waiting to be sent, in the transaction that ends the mute. Quiet hours that held nothing back get
 * no notice.
 */
async function writeEnd(trx: Trx, { mute, by, now, handOn }: EndedMute, parts: MuteNoticeParts): Promise<void> {
  if (handOn !== null) await passOn(trx, mute, handOn);
  const counts = await trx
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select(['e.model', (s) => s.fn.countAll<number>().as('count')])
    .where('d.mute', '=', String(mute.id))
    .where('d.state', '=', sql.lit('muted'))
    .groupBy('e.model')
    .orderBy('e.model')
    .execute();
  if (counts.length === 0 && mute.author === quietHours) return;
  const body = [
    paragraph(
      ...(by === 'time' ? ['A mute is over: '] : [person(by), ' ended a mute: ']),
      ...covered(mute),
      '. ',
      heldBack(counts),
    ),
    ...(await standingPosts(trx, mute, parts)),
  ];
  await writeNotice(trx, { roomId: mute.roomId, subject: `mute:${mute.id}`, message: messageOf(body), now });
}

function covered({ events, where, except }: ActiveMute) {
  return [
    events === null ? 'the whole room' : code(events),
    ...(where === null ? [] : [' where ', code(where)]),
    ...(except === null ? [] : [' except ', code(except)]),
  ];
}

function heldBack(counts: readonly { readonly model: string; readonly count: number }[]): string {
  if (counts.length === 0) return 'Nothing was held back.';
  const named = counts.map(({ model, count }) =>
    counted(Number(count), singularize(model), model).replaceAll('_', ' '),
  );
  return `Held back: ${named.join(', ')}.`;
}

/** Moves the deliveries that another mute still covers to the notice of that mute. */
async function passOn(trx: Trx, mute: ActiveMute, handOn: (event: Event) => Promise<number | null>): Promise<void> {
  let turnBegan = performance.now();
  for (let after = 0; ; ) {
    const rows = await trx
      .selectFrom('deliveries as d')
      .innerJoin('events as e', 'e.id', 'd.event_id')
      .selectAll('e')
      .select('d.id as delivery_id')
      .where('d.mute', '=', String(mute.id))
      .where('d.state', '=', sql.lit('muted'))
      .where('d.id', '>', after)
      .orderBy('d.id')
      .limit(batch)
      .execute();
    for (const row of rows) {
      const next = await handOn(storedEvent(row));
      if (performance.now() - turnBegan > TURN_MS) {
        await setImmediate();
        turnBegan = performance.now();
      }
      if (next !== null)
        await trx
          .updateTable('deliveries')
          .set({ mute: String(next) })
          .where('id', '=', row.delivery_id)
          .execute();
    }
    if (rows.length < batch) return;
    after = rows.at(-1)!.delivery_id;
  }
}

async function standingPosts(trx: Trx, mute: ActiveMute, parts: MuteNoticeParts): Promise<readonly Block[]> {
  const { links, masked } = parts;
  const held = await trx
    .selectFrom('deliveries as d')
    .innerJoin('events as e', 'e.id', 'd.event_id')
    .select((s) => ['e.subject', s.fn.max('e.id').as('newest')])
    .where('d.mute', '=', String(mute.id))
    .where('d.state', '=', sql.lit('muted'))
    .where('e.role', '=', 'report')
    .groupBy('e.subject')
    .orderBy('newest', 'desc')
    .limit(mostLookedAt)
    .execute();
  const isMasked = masked().has(mute.roomId);
  const hidden = isMasked
    ? await readOffensive(
        trx,
        held.map(({ subject }) => subject),
      )
    : new Set();
  const items: (readonly (string | Inline)[])[] = [];
  let more = 0;
  for (const { subject } of held) {
    const post = await standing(trx, subject);
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
async function standing(trx: Trx, subject: string): Promise<PostState['row'] | null> {
  const { fate, row } = await readState(trx, subject);
  return fate === 'stands' && Object.keys(row).length > 0 ? row : null;
}
