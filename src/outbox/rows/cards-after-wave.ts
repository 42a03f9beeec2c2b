import { sql } from 'kysely';
import { parseStoredOptions } from '../../router/subscription-options.ts';
import type { Trx } from '../../store/tables.ts';
import { readStates } from '../../subject-rows/known-post.ts';
import { isFalsePositive } from '../../subjects/post-state.ts';

/** Posts that are read together. */
const batch = 100;

/**
 * Ends a wave for the cards of a room: the posts that were lines of its digest, and that would have had cards, get them now, if
 * they still stand. Nothing is sent here: the cards become due.
 */
export async function cardsAfterWave(trx: Trx, roomId: number, now: number): Promise<void> {
  const lines = await trx
    .selectFrom('deliveries as d')
    .innerJoin('messages as m', 'm.id', 'd.message_id')
    .select(['d.subject', 'd.subscription', 'd.template', 'd.options'])
    .where('m.room_id', '=', roomId)
    .where('m.wave', 'in', (s) =>
      s.selectFrom('messages as g').select('g.wave').where('g.room_id', '=', roomId).where('g.grows', '=', sql.lit(1)),
    )
    .where('d.state', 'in', ['sent', 'planned'])
    .orderBy('d.id')
    .execute();
  const first = new Map(lines.toReversed().map((line) => [line.subject, line]));
  const wanted = [...first.values()].toReversed().filter(({ options }) => parseStoredOptions(options).isCard);
  for (let at = 0; at < wanted.length; at += batch) {
    const some = wanted.slice(at, at + batch);
    const states = await readStates(
      trx,
      some.map(({ subject }) => subject),
    );
    for (const { subject, subscription, template, options } of some) {
      const post = states.get(subject);
      if (post === undefined || post.fate !== 'stands' || isFalsePositive(post)) continue;
      const due = { message_id: null, slot: null, due_at: now, answers: null, created_at: now } as const;
      await trx
        .insertInto('cards')
        .values({ room_id: roomId, subject, state: 'open', subscription, template, options, ...due })
        .onConflict((c) => c.columns(['room_id', 'subject']).doNothing())
        .execute();
    }
  }
}
