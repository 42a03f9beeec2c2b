import { type PlatformRules, platformOf } from '../config/platform.ts';
import type { Inline } from '../render/message.ts';
import { code, link, typed } from '../render/say.ts';
import { type ActiveMute, quietHours } from '../rooms/active-mute.ts';
import { compileMute, lettingThrough } from '../rooms/compiled-mute.ts';
import { listExceptionsAt } from '../rooms/mute-rows.ts';
import { parseStoredOptions } from '../router/subscription-options.ts';
import type { Database } from '../store/tables.ts';
import type { Event } from '../words.ts';
import type { CommandRoom } from './command-room.ts';
import { filterText } from './events-option.ts';
import { moment, by as personOf } from './mute-text.ts';
import { originText } from './origin-text.ts';
import type { FateContext, FateParts, FateText, Words } from './why-context.ts';
import { countCarried, lacks, type RoomDelivery, type RoomEvent, readCard, readSend } from './why-rows.ts';
import { sayUnmatched } from './why-unmatched.ts';

/** The outcome of an event in a room, in words. */
export interface Fate extends FateText {
  /** The message that shows it. */
  readonly messageId: number | null;
  readonly platformId: string | null;
  readonly subscription: string | null;
}

/** Returns the outcome of an event in a room. */
export async function fateOf(parts: FateParts, told: RoomEvent, context: FateContext): Promise<Fate> {
  const none = { messageId: null, platformId: null, subscription: null };
  if (told.failure !== null) {
    const sentence = ['Not sent: it failed on our side; the operator can see why, and try it again'];
    return { sentence, short: ['failed on our side'], ...none };
  }
  if (told.delivery !== null) {
    const { messageId, platformId, subscription } = told.delivery;
    return { messageId, platformId, subscription, ...(await ofDelivery(parts, told, told.delivery, context)) };
  }
  const card = await readCard(parts.db, context.room.id, told.event.subject);
  if (card === null) return { ...none, ...(await sayUnmatched(parts, told, context)) };
  const { messageId, platformId, subscription } = card;
  const origin = originOf(parts, subscription, context.room);
  if (card.isGone) {
    const sentence = ['Not shown: the card of its post, for ', ...origin, ', was deleted in this room'];
    return { sentence, short: ['not shown, since the card was deleted here'], ...none, subscription };
  }
  const isMissing =
    card.needsMessage || (messageId !== null && (await lacks(parts.db, messageId, told.event.receivedAt)));
  const { shown, short } = byCard(isMissing);
  return { sentence: [`${shown}, which is here because of `, ...origin], short, messageId, platformId, subscription };
}

/** Words for what a card shows; `isMissing`: it does not yet. */
const byCard = (isMissing: boolean) => ({
  shown: isMissing ? 'To be shown by the card of its post' : 'Shown by the card of its post',
  short: [isMissing ? 'to be shown by the card' : 'shown by the card'],
});

async function ofDelivery(
  parts: FateParts,
  told: RoomEvent,
  delivery: RoomDelivery,
  context: FateContext,
): Promise<FateText> {
  const { room } = context;
  const { reason } = delivery;
  const mutes = () => excepting(parts, told.event, delivery, context);
  switch (delivery.state) {
    case 'sent': {
      const by = [...asksFor(parts, told.event, delivery, room), ...letThrough(await mutes())];
      const sent = (text: string) => linked(text, delivery.platformId, room, parts.platforms);
      if (delivery.kind === 'digest' && delivery.messageId !== null) {
        const count = await countCarried(parts.db, delivery.messageId);
        const sentence = [`Sent in a digest of ${count} events because `, ...by];
        return { sentence, short: ['in a ', sent('digest')] };
      }
      if (delivery.isOwn) return { sentence: ['Sent because ', ...by], short: [sent('sent')] };
      const { messageId } = delivery;
      const { shown, short } = byCard(messageId !== null && (await lacks(parts.db, messageId, told.event.receivedAt)));
      return { sentence: [`${shown} because `, ...by], short };
    }
    case 'waiting':
    case 'planned': {
      const why = await waitsFor(parts.db, delivery, context);
      const by = [...asksFor(parts, told.event, delivery, room), ...letThrough(await mutes())];
      return { sentence: ['Not sent yet: ', ...why, '. It is to be sent because ', ...by], short: ['waits: ', ...why] };
    }
    case 'muted': {
      const { by, remedy } = await mutedBy(parts.db, delivery.mute, context);
      const although = (await mutes()).flatMap(({ id, except }) => [
        ', although ',
        code(`m${id}`),
        ' excepts ',
        code(except ?? ''),
      ]);
      const asked = asksFor(parts, told.event, delivery, room);
      return {
        sentence: [
          ...['Not sent: ', ...by, ...although],
          ...remedy,
          '. Without that it would be sent because ',
          ...asked,
        ],
        short: by,
      };
    }
    case 'cancelled': {
      const why =
        delivery.leftOutFor === null
          ? [reason ?? 'it was cancelled']
          : ['it reports the same post as ', code(delivery.leftOutFor), ', which this room has'];
      const asked = asksFor(parts, told.event, delivery, room);
      const sentence = ['Left out: ', ...why, '. Without that it would be sent because ', ...asked];
      return { sentence, short: ['left out: ', ...why] };
    }
    case 'dead': {
      const asked = asksFor(parts, told.event, delivery, room);
      const why = reason ?? 'it could not be sent';
      const sentence = [
        `Not sent: a dead letter (${why}); the operator can try it again. It was to be sent because `,
        ...asked,
      ];
      return { sentence, short: [`a dead letter: ${why}`] };
    }
    default:
      return delivery.state satisfies never;
  }
}

/** A text as a link to a message of a room; the text alone if the message has no link. */
function linked(
  text: string,
  platformId: string | null,
  { platform, address }: CommandRoom,
  platforms: readonly PlatformRules[],
): string | Inline {
  const place = address.slice(`${platform}:`.length);
  const url = platformId === null ? null : platformOf(platforms, platform).messageLink(place, platformId);
  return url === null ? text : link(url, text);
}

const originOf = ({ live }: FateParts, id: string, room: CommandRoom) => originText(id, live.find(id), room);

/** `reports (line 12 of the configuration) asks for posts#create where …` */
function asksFor(parts: FateParts, { model, type }: Event, delivery: RoomDelivery, room: CommandRoom): Words {
  const where = parts.live.find(delivery.subscription)?.where?.source ?? null;
  const { conditionFailed } = delivery;
  return [
    ...originOf(parts, delivery.subscription, room),
    ' asks for ',
    ...filterText(`${model}#${type}`, where),
    ...(conditionFailed === null
      ? []
      : [`, and its condition counts as matched since it could not be evaluated (${conditionFailed})`]),
  ];
}

/** Says what a delivery waits for. */
async function waitsFor(db: Database, delivery: RoomDelivery, { room, now }: FateContext): Promise<Words> {
  const until: Words = delivery.dueAt > now ? [' until ', moment(delivery.dueAt, room)] : [];
  const { holdMs, unless } = parseStoredOptions(delivery.options);
  switch (delivery.reason) {
    case 'held':
      return [
        'it is held',
        ...until,
        ...(holdMs === null || unless === null ? [] : [', and left out if ', code(unless), ' is true by then']),
      ];
    case 'awaits post':
      return ['the report of its post has not arrived; it waits for it', ...until];
    case 'awaits answer':
      return ['it waits', ...until, ' for the API to tell about its post or the names in it'];
    case 'awaits details':
      return ['it waits', ...until, ' for the details of its post from the API'];
    case 'awaits name':
      return ['it waits', ...until, ' for the name of who voted'];
    case 'catching up':
      return [`the rest of a long gap is being fetched, and what was missed comes in a digest`];
    case 'parked':
      return ['this room is not in the configuration any more; it is sent once the room is there again'];
    default: {
      const send = delivery.messageId === null ? null : await readSend(db, delivery.messageId);
      if (send === null) return until.length === 0 ? ['it waits for its turn in this room'] : ['it waits', ...until];
      if (send.dueAt <= now) return [`it is being sent, attempt ${send.attempts}`];
      return [`attempt ${send.attempts} got no clear answer, and the next is at `, moment(send.dueAt, room)];
    }
  }
}

/** A mute that stopped an event, and what lets the event through now. */
interface MutedBy {
  readonly by: Words;
  /** The end of the sentence; empty: nothing does. */
  readonly remedy: Words;
}

async function mutedBy(db: Database, mute: string | null, { room, now }: FateContext): Promise<MutedBy> {
  const row =
    mute === null
      ? undefined
      : await db.selectFrom('mutes').selectAll().where('id', '=', Number(mute)).executeTakeFirst();
  if (row === undefined) return { by: ['muted by a mute that is long over'], remedy: [] };
  const name = `m${row.id}`;
  const ender = row.ended_by === 'time' ? null : row.ended_by;
  const until: Words =
    row.ended_at !== null && ender !== null
      ? [', which ', personOf(ender), ' ended at ', moment(row.ended_at, room)]
      : [' until ', moment(row.until, room)];
  const except = row.except === null ? [] : [', whose exception ', code(row.except), ' does not name it'];
  const released: Words = ['. ', typed(`show held ${name} now`), ' sends it'];
  const holds: Words = row.until > now ? ['; ', typed(`unmute ${name}`), ' ends it'] : [];
  const remedy = row.ended_at === null ? holds : released;
  if (row.author === quietHours)
    return { by: ['held back by quiet hours (', code(name), ')', ...until, ...except], remedy };
  const because = row.reason === null ? '' : ` (${row.reason})`;
  return { by: ['muted by ', code(name), ' of ', personOf(row.author), because, ...until, ...except], remedy };
}

/** Returns the mutes that held when a delivery was decided and would have stopped it without their exception. */
async function excepting(
  { db, catalogue }: FateParts,
  event: Event,
  delivery: RoomDelivery,
  { room, subject, now }: FateContext,
): Promise<readonly ActiveMute[]> {
  const mutes = await listExceptionsAt(db, room.id ?? -1, delivery.settledAt ?? now);
  return lettingThrough(
    mutes.map((mute) => compileMute(mute, catalogue).mute),
    { event, subject },
  );
}

const letThrough = (mutes: readonly ActiveMute[]): Words =>
  mutes.flatMap(({ id, except }) => [', let through by ', code(`m${id}`), ' with its exception ', code(except ?? '')]);
