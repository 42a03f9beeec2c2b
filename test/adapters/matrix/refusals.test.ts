import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SendAction, SendResult } from '../../../src/adapters/adapter.ts';
import { codeTable } from '../../../src/adapters/matrix/code-table.ts';
import { decide, isBeside } from '../../../src/outbox/rules/decide.ts';
import type { SendKind } from '../../../src/words.ts';
import { message, type Rig, startRig, unhurried } from './rig.ts';

const sending = /^PUT \/rooms\/[^/]+\/send\/m\.room\.message\//;
const reacting = /^PUT \/rooms\/[^/]+\/send\/m\.reaction\//;
const redacting = /^PUT \/rooms\/[^/]+\/redact\//;
const looking = /^GET \/rooms\/[^/]+\/event\//;
const link = 'https://metasmoke.erwaysoftware.com/post/1';

let rig: Rig;
let room: string;
let keys = 0;

beforeEach(async () => {
  rig = await startRig();
  await rig.adapter.login(unhurried);
  const { homeserver } = rig;
  room = homeserver.rooms.create({ members: { [homeserver.user]: 'join' } });
  await rig.adapter.resolve(room, unhurried);
});
afterEach(() => rig.stop());

const newKey = () => `key-${keys++}`;
const send = (payload: string, action?: SendAction, isAlone = true) =>
  rig.adapter.send({ room, key: newKey(), payload, isAlone, ...(action && { action }) }, unhurried);
const format = (text: string) => rig.adapter.format(message(text, { link }), newKey(), room);
async function say(text: string): Promise<string> {
  const result = await send(format(text));
  return (result as { platformId: string }).platformId;
}

/** Each kind of work, with the requests by which it can be refused. */
const works: readonly (readonly [string, RegExp, (target: string) => SendAction])[] = [
  ['a new message', sending, () => ({ kind: 'create' })],
  ['a reply', sending, (target) => ({ kind: 'reply', target })],
  ['a look at what is replied to', looking, (target) => ({ kind: 'reply', target })],
  ['an edit', sending, (target) => ({ kind: 'edit', target })],
  ['a look at what is edited', looking, (target) => ({ kind: 'edit', target })],
  ['a message in a thread', sending, (target) => ({ kind: 'thread', target })],
  ['a reaction', reacting, (target) => ({ kind: 'react', target })],
  ['the end of a reaction', redacting, (target) => ({ kind: 'redact', target })],
];
const statuses: Readonly<Record<string, number>> = {
  account: 401,
  accountWaits: 429,
  server: 404,
  roomOrText: 403,
  roomOrChange: 404,
  room: 403,
};

/** True if the next new message of the room has to wait. */
function delaysRoom(result: SendResult, kind: SendKind): boolean {
  const attempted = { id: 1, room: 'a', kind, attempts: 1, countedMs: 0, deliveries: 0, unclear: 0 };
  const { pause, restMs } = decide(result, attempted);
  return !['none', 'message', 'change'].includes(pause.scope) || (restMs > 0 && !isBeside(attempted));
}

describe('a refusal of a homeserver’s', () => {
  it.each(works)('of %s delays new messages only if it is about the account', async (_, asked, of) => {
    const target = await say('first');
    const wrong: string[] = [];
    const refusals = [...codeTable].map(([code, { about }]) => [statuses[about] ?? 400, code, about] as const);
    // A code that a spam checker made up, and one of a proxy's.
    for (const [status, code, about] of [
      ...refusals,
      [403, 'ORG.SPAM', 'message'],
      [400, 'M_ODD', 'message'],
    ] as const) {
      rig.homeserver.next(asked, { status, body: { errcode: code, error: 'because' } });
      const action = of(target);
      const result = await send(action.kind === 'react' ? '✅' : format('x'), action, false);
      rig.homeserver.forgetNext();
      // The room takes messages, as everybody can see: only what is about the account or the server may stop it.
      const mayDelay = ['account', 'accountWaits', 'server'].includes(about);
      if (delaysRoom(result, action.kind) && !mayDelay) wrong.push(`${status} ${code} (${about}): ${result.outcome}`);
    }
    expect(wrong).toEqual([]);
  });

  it.each(works)('of %s stops a room in which we may not speak', async (_, asked, of) => {
    const target = await say('first');
    const action = of(target);
    rig.homeserver.rooms.setState(room, 'm.room.power_levels', { events_default: 50 });
    rig.homeserver.next(asked, { status: 403, body: { errcode: 'M_FORBIDDEN', error: 'because' } });
    expect(await send(action.kind === 'react' ? '✅' : format('x'), action)).toMatchObject({
      outcome: 'roomBroken',
      reason: expect.stringContaining('lacks the power'),
    });
  });

  it('of an edit puts off edits alone while the room cannot be looked at', async () => {
    const target = await say('first');
    rig.homeserver.next(sending, { status: 403, body: { errcode: 'M_FORBIDDEN', error: 'because' } });
    rig.homeserver.always(/\/state\/m\.room\.power_levels/, { status: 502, body: '<html>' });
    expect(await send(format('x'), { kind: 'edit', target })).toMatchObject({
      outcome: 'notAccepted',
      scope: 'change',
    });
  });
});

describe('a message whose text the homeserver refuses', () => {
  const spam = {
    status: 403,
    body: { errcode: 'M_FORBIDDEN', error: 'This message had been rejected as probable spam' },
  };
  const shown = `A report that the homeserver does not let us show: ${link}`;

  it('is sent once more without it, with its link and its pings', async () => {
    rig.homeserver.next(sending, spam);
    const mention = { kind: 'user', platform: 'matrix', id: '@alice:fake.test' } as const;
    const payload = rig.adapter.format(message('cheap pills', { link }), newKey(), room, [mention]);
    expect(await send(payload)).toMatchObject({ outcome: 'sent' });
    const [only] = rig.homeserver.rooms.shown(room);
    expect(only?.content).toMatchObject({
      body: `@alice:fake.test: ${shown}`,
      'm.mentions': { user_ids: ['@alice:fake.test'] },
    });
    expect(JSON.stringify(only?.content)).not.toContain('pills');
    expect(rig.said.join()).toContain('the homeserver refuses the text of a message');
  });

  it('changes a message that is there in the same way', async () => {
    const target = await say('first');
    rig.homeserver.next(sending, spam);
    expect(await send(format('cheap pills'), { kind: 'edit', target })).toMatchObject({ outcome: 'sent' });
    expect(rig.homeserver.rooms.shown(room)[0]?.content).toMatchObject({ body: shown });
  });

  it('waits if that is refused too, since then everything is', async () => {
    rig.homeserver.next(sending, spam);
    rig.homeserver.next(sending, spam);
    expect(await send(format('cheap pills'))).toMatchObject({
      outcome: 'notAccepted',
      scope: 'message',
      waitMs: 600_000,
    });
    expect(await send(format('hello'))).toMatchObject({ outcome: 'sent' });
  });

  it('is given up as a change if that is refused too', async () => {
    const target = await say('first');
    rig.homeserver.next(sending, spam);
    rig.homeserver.next(sending, spam);
    expect(await send(format('cheap pills'), { kind: 'edit', target })).toMatchObject({ outcome: 'rejected' });
  });

  it('is not replaced if it shows several things: each is sent alone', async () => {
    rig.homeserver.next(sending, spam);
    expect(await send(format('cheap pills'), undefined, false)).toMatchObject({
      outcome: 'rejected',
      isFiltered: true,
    });
    expect(rig.homeserver.rooms.shown(room)).toEqual([]);
  });
});
