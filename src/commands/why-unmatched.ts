import { code } from '../render/say.ts';
import type { RoomSubscription } from '../rooms/live-subscriptions.ts';
import { valuesNamedBy } from '../router/condition-values.ts';
import { createJudge } from '../router/judge.ts';
import { judgeSubscription } from '../router/router.ts';
import { storedEvent } from '../store/stored-event.ts';
import { excerpt } from '../text/excerpt.ts';
import type { Event } from '../words.ts';
import { originText } from './origin-text.ts';
import type { FateContext, FateParts, FateText, Words } from './why-context.ts';
import type { RoomEvent } from './why-rows.ts';

/** Most subscriptions that are named where none matched. */
const mostNamed = 5;

/** Says why no subscription of a room matched an event. */
export async function sayUnmatched({ db, live }: FateParts, told: RoomEvent, context: FateContext): Promise<FateText> {
  const { room } = context;
  const { model, type } = told.event;
  const spec = code(`${model}#${type}`);
  const heard = live.ofRoom(room.address);
  const naming = heard.filter(({ events }) => events.get(model)?.has(type) === true);
  if (heard.length === 0) return { sentence: ['Not sent: this room has no subscription'], short: ['no subscription'] };
  if (naming.length === 0)
    return { sentence: ['Not sent: no subscription of this room asks for ', spec], short: ['not asked for'] };
  // With its long texts: a condition may ask about them.
  const row = await db.selectFrom('events').selectAll().where('id', '=', told.id).executeTakeFirstOrThrow();
  const event = storedEvent(row);
  const verdicts = naming.slice(0, mostNamed).map((one) => verdict(one, event, context));
  const rest = naming.length > mostNamed ? [`; and ${naming.length - mostNamed} more`] : [];
  const all = verdicts.flatMap((words, index) => (index === 0 ? words : ['; ', ...words]));
  return {
    sentence: ['Not sent: no subscription of this room matched. ', ...all, ...rest],
    short: ['no match: ', ...all, ...rest],
  };
}

/** The fields that hold a title, or quote the words that were found in it. */
const titleFields: ReadonlySet<string> = new Set(['title', 'why', 'last_post_title']);

/** Says why a subscription that names an event's type did not match, as far as the present values tell. */
function verdict(one: RoomSubscription, event: Event, context: FateContext): Words {
  const origin = originText(one.id, one, context.room);
  const isNew = ['matches now, but did not when the event came: it was made or changed later'];
  if (one.where === null) return [...origin, ' ', ...isNew];
  const result = judgeSubscription(one, createJudge(event, context.subject));
  if (result.outcome === 'failed' || result.value) return [...origin, ' ', ...isNew];
  const values = valuesIn(one.where.source, event, context);
  return [...origin, ' asks for it only where ', code(one.where.source), ...(values === '' ? [] : [`, and ${values}`])];
}

/** The values of the fields that a condition names: `object.user_reputation = 1`. Those of the subject are the present ones. */
function valuesIn(condition: string, event: Event, { subject, isHidden }: FateContext): string {
  return valuesNamedBy(condition, event.object, subject)
    .map(({ owner, field, value }) => {
      const name = `${owner}.${field}`;
      if (isHidden && titleFields.has(field)) return `${name} is hidden`;
      const shown = JSON.stringify(value) ?? 'missing';
      return `${name}${owner === 'subject' ? ' now' : ''} = ${excerpt(shown, 60)}`;
    })
    .join(', ');
}
