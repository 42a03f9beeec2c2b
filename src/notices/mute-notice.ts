import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import { list, messageOf, paragraph, person, typed } from '../render/say.ts';
import { type ActiveMute, quietHours } from '../rooms/active-mute.ts';
import { covered, type HeldBackParts, readHeldBack } from '../rooms/held-back.ts';
import type { EndedMutes } from '../rooms/mutes.ts';
import { storedEvent } from '../store/stored-event.ts';
import type { Trx } from '../store/tables.ts';
import type { Event } from '../words.ts';
import { writeNotice } from './write-notice.ts';

/** Time after which other work gets a turn, ms, because conditions take time and SQLite queries do not yield. */
const TURN_MS = 20;
/** Number of muted deliveries processed in one query. */
const batch = 500;

/** Creates the function that writes the notice at the end of mutes. */
export function createMuteNotice(parts: HeldBackParts): (trx: Trx, ended: EndedMutes) => Promise<void> {
  return (trx, ended) => writeEnd(trx, ended, parts);
}

/**
 * Writes one notice to the room for the mutes of it that ended together: what they held back, by model, which of the posts still
 * stand, and how to see the events. The notice is stored as a message waiting to be sent, in the transaction that ends the mutes.
 * Quiet hours that held nothing back get no notice.
 */
async function writeEnd(trx: Trx, { mutes, by, now, handOn }: EndedMutes, parts: HeldBackParts): Promise<void> {
  const [first] = mutes;
  if (first === undefined) return;
  if (handOn !== null) for (const mute of mutes) await passOn(trx, mute, handOn);
  const held = await readHeldBack(trx, mutes, parts);
  const [only, ...more] = held.mutes;
  if (only === undefined) return;
  const ended = by === 'time' ? [] : [person(by), ' ended '];
  const which = more.length > 0 ? `${held.mutes.length} mutes` : 'a mute';
  const areQuiet = held.mutes.every(({ author }) => author === quietHours);
  const over = areQuiet ? 'Quiet hours are over' : more.length > 0 ? `${which} are over` : 'A mute is over';
  const head = by === 'time' ? [over] : [...ended, which];
  const body = [
    ...(more.length === 0
      ? [paragraph(...head, ': ', ...covered(only), '. ', held.sentence)]
      : [paragraph(...head, ':'), list(held.mutes.map(covered)), paragraph(held.sentence)]),
    ...held.standing,
    ...(held.count === 0 ? [] : [paragraph(...howToSee(only.id, held.count))]),
  ];
  await writeNotice(trx, { roomId: first.roomId, subject: `mute:${first.id}`, message: messageOf(body), now });
}

/** Says how to see what a mute held back. */
const howToSee = (id: number, count: number) => [
  typed(`show held m${id}`),
  ' lists that again, ',
  typed(`show held m${id} now`),
  count === 1 ? ' sends it now.' : ' sends them now.',
];

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
