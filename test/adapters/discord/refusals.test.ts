import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SendAction, SendResult } from '../../../src/adapters/adapter.ts';
import { codeTable } from '../../../src/adapters/discord/code-table.ts';
import { decide, isBeside } from '../../../src/outbox/rules/decide.ts';
import type { SendKind } from '../../../src/words.ts';
import { body, posting, type Rig, startRig, unhurried } from './rig.ts';

const key = 'k'.repeat(22);
const editing = /^PATCH \/channels\/\d+\/messages\/\d+$/;
const reacting = /^(?:PUT|DELETE) \/channels\/\d+\/messages\/\d+\/reactions\//;
const opening = /^POST \/channels\/\d+\/messages\/\d+\/threads$/;
const waking = /^PATCH \/channels\/\d+$/;

let rig: Rig;
let room: string;

beforeEach(async () => {
  rig = await startRig({ invalidRequestLimit: 1_000_000 });
  await rig.adapter.login(unhurried);
  await enter(rig.discord.createChannel());
});
afterEach(() => rig.stop());

async function enter(channel: string) {
  room = channel;
  await rig.adapter.resolve(room, unhurried);
}
const send = (payload: string, action?: SendAction, isAlone = true) =>
  rig.adapter.send({ room, key, payload, isAlone, ...(action && { action }) }, unhurried);
async function say(text: string, action?: SendAction): Promise<string> {
  const result = await rig.adapter.send({ room, key: text, payload: body(text), ...(action && { action }) }, unhurried);
  return (result as { platformId: string }).platformId;
}

/** Each kind of work, with the requests by which it can be refused. */
const works: readonly (readonly [string, RegExp, (first: string, inThread: string) => SendAction])[] = [
  ['a new message', posting, () => ({ kind: 'create' })],
  ['a reply', posting, (target) => ({ kind: 'reply', target })],
  ['an edit', editing, (target) => ({ kind: 'edit', target })],
  ['a reaction', reacting, (target) => ({ kind: 'react', target })],
  ['the end of a reaction', reacting, (target) => ({ kind: 'redact', target: `${target}:✅` })],
  ['a thread that is opened', opening, (target) => ({ kind: 'thread', target })],
  ['a message in a thread', posting, (_, target) => ({ kind: 'thread', target })],
  ['an edit in a thread', editing, (_, target) => ({ kind: 'edit', target })],
];
/** A number that Discord does not use, with each status that it may come with. */
const unknown = [400, 403, 404, 409].map((status) => [status, 77_777] as const);
/** Statuses that Discord sends with these codes. */
const statusOf = (code: number) => (codeTable.get(code)?.about.endsWith('aits') ? 429 : code === 10003 ? 404 : 400);

/** True if the next new message of the room has to wait. */
function delaysRoom(result: SendResult, kind: SendKind): boolean {
  const attempted = { id: 1, room: 'a', kind, attempts: 1, countedMs: 0, deliveries: 0, unclear: 0 };
  const { pause, restMs } = decide(result, attempted);
  return !['none', 'message', 'change'].includes(pause.scope) || (restMs > 0 && !isBeside(attempted));
}

describe('a refusal of Discord’s', () => {
  it.each(works)('of %s delays new messages only if it is about the room or the account', async (name, asked, of) => {
    const first = await say('first');
    const inThread = await say('second', { kind: 'thread', target: first });
    const wrong: string[] = [];
    for (const [status, code] of [
      ...[...codeTable.keys()].map((code) => [statusOf(code), code] as const),
      ...unknown,
    ]) {
      // A thread that did not open is not tried again for ten minutes.
      await rig.clock.advance(601_000);
      const target = name.includes('opened') ? await say(`for ${status} ${code}`) : first;
      const action = of(target, inThread);
      const forget = rig.discord.always(waking, { status, body: { code, message: 'because' } });
      const headers = { 'x-ratelimit-scope': 'user' };
      rig.discord.next(asked, { status, headers, body: { code, message: 'because', retry_after: 5 } });
      const result = await send(action.kind === 'react' ? '✅' : body('x'), action, false);
      forget();
      rig.discord.forgetNext();
      const about = codeTable.get(code)?.about ?? 'message';
      const isNew = action.kind === 'create' || action.kind === 'reply';
      const mayDelay = about.startsWith('account') || (isNew && ['room', 'roomWaits', 'sleep'].includes(about));
      if (delaysRoom(result, action.kind) && !mayDelay) wrong.push(`${status} ${code} (${about}): ${result.outcome}`);
    }
    expect(wrong).toEqual([]);
  });

  it('has a code that Discord has', () => {
    const ofRest = createRequire(import.meta.resolve('@discordjs/rest'));
    const { RESTJSONErrorCodes } = ofRest('discord-api-types/v10') as { RESTJSONErrorCodes: Record<number, string> };
    expect([...codeTable.keys()].filter((code) => RESTJSONErrorCodes[code] === undefined)).toEqual([]);
  });

  it('of a change says nothing of the room where the room takes messages', async () => {
    const target = await say('first');
    rig.discord.next(editing, { status: 403, body: { code: 50013, message: 'because' } });
    expect(await send(body('x'), { kind: 'edit', target })).toMatchObject({ outcome: 'rejected' });
  });
});

describe('a thread that Discord archived', () => {
  beforeEach(() => enter(rig.discord.createChannel({ kind: 'thread' })));

  it.each([
    ['an edit', { kind: 'edit' }, body('changed')],
    ['a reaction', { kind: 'react' }, '✅'],
  ] as const)('is opened for %s', async (_, { kind }, payload) => {
    const target = await say('first');
    rig.discord.archive(room);
    expect(await send(payload, { kind, target })).toMatchObject({ outcome: 'sent' });
    expect(rig.asked(waking).map((request) => request.body)).toEqual(['{"archived":false}']);
  });

  it('stays archived if it is locked, and the room waits', async () => {
    const target = await say('first');
    rig.discord.archive(room);
    rig.discord.setLocked(room, true);
    expect(await send(body('x'), { kind: 'edit', target })).toMatchObject({
      outcome: 'roomBroken',
      reason: expect.stringContaining('the thread is locked'),
    });
  });

  it('is asked again later if the opening has no clear answer', async () => {
    const target = await say('first');
    rig.discord.archive(room);
    rig.discord.next(waking, { status: 502, body: '<html>' });
    expect(await send(body('x'), { kind: 'edit', target })).toMatchObject({ outcome: 'unknown' });
    expect(await send(body('x'), { kind: 'edit', target })).toMatchObject({ outcome: 'sent' });
  });
});

describe('a message whose text a filter refuses', () => {
  const blocked = { status: 400, body: { code: 200000, message: 'Message was blocked by automatic moderation' } };
  const shown = `A report that Discord does not let us show: <https://metasmoke.erwaysoftware.com/post/1#lk-${key}>`;
  const titled = () =>
    rig.adapter.format(
      {
        title: [{ kind: 'text', text: 'cheap pills' }],
        url: null,
        color: null,
        body: [],
        fields: [],
        footer: null,
        image: null,
        link: 'https://metasmoke.erwaysoftware.com/post/1',
      },
      key,
      room,
      [{ kind: 'user', id: '42424242424242424' }],
    );

  it.each([20009, 200000, 240000])('is sent once more without it, with its link and its pings: %i', async (code) => {
    rig.discord.next(posting, { status: 403, body: { code, message: 'because' } });
    expect(await send(titled())).toMatchObject({ outcome: 'sent' });
    expect(rig.discord.messages(room)).toMatchObject([{ content: `<@42424242424242424>\n${shown}`, embeds: [] }]);
    expect(rig.said.join()).toContain('Discord refuses the text of a message');
    rig.discord.pings.splice(0);
  });

  it('changes a message that is there in the same way', async () => {
    const target = await say('first');
    rig.discord.next(editing, blocked);
    expect(await send(titled(), { kind: 'edit', target })).toMatchObject({ outcome: 'sent' });
    expect(rig.discord.messages(room)).toMatchObject([{ content: expect.stringContaining(shown), embeds: [] }]);
  });

  it('is given up if that is refused too', async () => {
    rig.discord.next(posting, blocked);
    rig.discord.next(posting, blocked);
    expect(await send(titled())).toMatchObject({ outcome: 'rejected', reason: expect.stringContaining('200000') });
    expect(rig.asked(posting)).toHaveLength(2);
  });

  it('is not replaced if it shows several things: each is sent alone', async () => {
    rig.discord.next(posting, blocked);
    expect(await send(titled(), undefined, false)).toMatchObject({ outcome: 'rejected', isFiltered: true });
    expect(rig.asked(posting)).toHaveLength(1);
  });

  it('gives its thread no title of the spammer’s', async () => {
    const target = await say('first');
    rig.discord.next(opening, { status: 400, body: { code: 200001, message: 'Title was blocked' } });
    expect(await send(titled(), { kind: 'thread', target })).toMatchObject({ outcome: 'sent' });
    expect(rig.asked(opening).map((request) => JSON.parse(request.body).name)).toEqual(['cheap pills', 'Updates']);
    rig.discord.pings.splice(0);
  });
});
