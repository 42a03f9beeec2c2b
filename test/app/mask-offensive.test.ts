import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { format as formatForDiscord } from '../../src/adapters/discord/format/format.ts';
import { format as formatForMatrix } from '../../src/adapters/matrix/format/format.ts';
import { createDraw } from '../../src/app/draw-messages.ts';
import { silentLog } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { links } from '../../src/metasmoke/links.ts';
import { metasmoke } from '../../src/metasmoke/metasmoke.ts';
import { readEntries } from '../../src/outbox/compose/digest-entries.ts';
import { digestMessage } from '../../src/outbox/compose/digest-message.ts';
import type { Draw } from '../../src/outbox/compose/draw.ts';
import type { StoredRoom } from '../../src/outbox/rows/rooms.ts';
import { loadTemplates, shippedTemplates } from '../../src/render/load-templates.ts';
import type { Message } from '../../src/render/message.ts';
import { createRenderer } from '../../src/render/renderer.ts';
import type { EventObject } from '../../src/words.ts';
import { anEvent } from '../support/events.ts';
import { createOutboxRig, type OutboxRig } from '../support/outbox-rig.ts';

const room = (id: number): StoredRoom => ({
  ...{ id, name: 'hq', address: `matrix:!${id}:a.org`, platform: 'matrix', account: 'matrix', resolved: null },
});
/** The first hides titles, the second does not. */
const [masking, open] = [room(1), room(2)];
const renderer = createRenderer(loadTemplates([shippedTemplates]).templates, links);

let rig: OutboxRig;
let draw: Draw;
beforeEach(async () => {
  rig = await createOutboxRig();
  const config = { rooms: [], source: { name: 'metasmoke', kind: metasmoke }, catalogue: createCatalogue() };
  const { db } = rig.store;
  draw = createDraw({ config, db, renderer, masked: () => new Set([masking.id]), clock: rig.clock, log: silentLog });
});
afterEach(() => rig.stop());

const report = (id: number, object: EventObject = {}) =>
  anEvent({
    id,
    object: { title: 'You are a slur', link: `//a.test/q/${id}`, why: 'Title - Position 11-14: slur', ...object },
  });

async function stored(id: number, reason: string, object: EventObject = {}) {
  const event = report(id, object);
  await rig.deliver(event, []);
  await rig.store.db
    .insertInto('post_details')
    .values({
      ...{ subject: `post:${id}`, site_id: null, flaggers: '{}', fetched_at: 0, absent_at: null },
      reasons: JSON.stringify([{ name: reason, weight: 90 }]),
    })
    .execute();
  return event;
}

const onDiscord = (message: Message) => JSON.parse(formatForDiscord(message, 'k', { embeds: true })).embeds[0];
const asContent = (message: Message) => String(JSON.parse(formatForDiscord(message, 'k', { embeds: false })).content);
const onMatrix = (message: Message) => JSON.parse(formatForMatrix(message, 'k'));

describe('the title of an offensive post', () => {
  it('is behind a spoiler in a room that hides it, on both chats', async () => {
    const message = await draw.event(await stored(1, 'Offensive title detected'), null, masking);
    const { title, description } = onDiscord(message);
    expect(title).toBe('🚨 (title hidden)');
    expect(description).toMatch(/^\|\|You are a slur\|\|\n/);
    expect(asContent(message)).toContain('🚨 (title hidden)');
    const { body, formatted_body: html } = onMatrix(message);
    expect(body).toMatch(/🚨 \(title hidden\).*\n\[spoiler\]/);
    expect(html).toContain('<span data-mx-spoiler>You are a slur</span>');
    // Nor do the words that were found stand anywhere else.
    expect(body).not.toContain('slur');
    expect(`${description}${html}`.match(/slur/g)).toHaveLength(2);
  });

  it('is shown where nothing is to be hidden: another room, another reason, reasons that are not known yet', async () => {
    const offensive = await stored(1, 'Offensive title detected');
    const spam = await stored(2, 'Bad keyword in title');
    const unknown = report(3);
    await rig.deliver(unknown, []);
    for (const [event, where] of [
      [offensive, open],
      [spam, masking],
      [unknown, masking],
    ] as const) {
      const message = await draw.event(event, null, where);
      expect(onDiscord(message).title).toBe('🚨 You are a slur');
      expect(JSON.stringify(message)).not.toContain('spoiler');
    }
  });

  it('is hidden in a card, and in what is said about its votes and its other reports', async () => {
    await stored(1, 'Offensive title detected');
    await rig.deliver(report(2, { link: '//a.test/q/1' }), []);
    const vote = anEvent({
      model: 'feedbacks',
      class: 'Feedback',
      id: 5,
      subject: 'post:1',
      object: { post_id: 1, feedback_type: 'tp', user_name: 'Ann' },
    });
    await rig.deliver(vote, []);
    const messages = [
      (await draw.card({ subject: 'post:1', template: null }, masking)).message,
      (await draw.card({ subject: 'post:2', template: null }, masking)).message,
      await draw.event(vote, null, masking),
    ];
    const titles = messages.map((message) => onDiscord(message).title);
    expect(titles).toEqual(['🔴 (title hidden)', '🔴 (title hidden)', '🔴 tp by Ann: (title hidden)']);
    for (const message of messages) {
      expect(onDiscord(message).description).toContain('||You are a slur||');
      expect(onMatrix(message).body).not.toContain('slur');
    }
    expect(onDiscord((await draw.card({ subject: 'post:1', template: null }, open)).message).title).toBe(
      '🔴 You are a slur',
    );
  });

  it('is hidden in a digest', async () => {
    await stored(1, 'Offensive title detected');
    await stored(2, 'Bad keyword in title', { title: 'Buy pills' });
    const { db } = rig.store;
    const events = await db
      .selectFrom('events')
      .select(['subject', 'model', 'role', 'type', 'origin', 'received_at as receivedAt'])
      .execute();
    const hidden = (subjects: readonly string[]) => draw.hidden(subjects, masking);
    const entries = await readEntries({ db, pageOf: draw.pageOf, hidden, clock: rig.clock }, events);
    const message = digestMessage({ entries, counts: new Map(), lastedMs: 60_000, about: 'wave' });
    expect(onDiscord(message).description).toBe(
      [
        '- [(title hidden)](https://metasmoke.erwaysoftware.com/post/1) ||You are a slur|| · a.test',
        '- [Buy pills](https://metasmoke.erwaysoftware.com/post/2) · a.test',
      ].join('\n'),
    );
    expect(onMatrix(message).body).toContain(
      '- (title hidden) (https://metasmoke.erwaysoftware.com/post/1) [spoiler] · a.test',
    );
    expect(onMatrix(message).formatted_body).toContain('<span data-mx-spoiler>You are a slur</span>');
  });

  it.each([
    ['a || b ||', '||a \\|\\| b \\|\\|||'],
    ['|| @everyone `x` ||', null],
    ['|', null],
    ['`||`', null],
    ['\u202eslur<b>&amp;', null],
  ])('stays one spoiler, whatever is written in it: %s', async (title, written) => {
    const message = await draw.event(await stored(1, 'Offensive title detected', { title }), null, masking);
    const [line = ''] = String(onDiscord(message).description).split('\n');
    if (written !== null) expect(line.replaceAll(' ||', '||')).toBe(written.replaceAll(' ||', '||'));
    // Discord ends a spoiler at the first pair of bars, also behind a backslash.
    expect(/^\|\|([\s\S]+?)\|\|/.exec(line)?.[0]).toBe(line);
    const { body, formatted_body: html } = onMatrix(message);
    expect(html.match(/data-mx-spoiler/g)).toHaveLength(1);
    expect(html).not.toMatch(/\u202e|slur<b>/);
    expect(body).not.toMatch(/everyone|slur/);
  });

  it('is not shown as the newest title of such a reason', async () => {
    const reason = (name: string) =>
      anEvent({
        model: 'reasons',
        class: 'Reason',
        type: 'update',
        subject: 'reason:1',
        object: { reason_name: name, last_post_title: 'You are a slur' },
      });
    expect(JSON.stringify(await draw.event(reason('Offensive title detected'), null, masking))).not.toContain('slur');
    expect(JSON.stringify(await draw.event(reason('Bad keyword in title'), null, masking))).toContain('slur');
  });
});
