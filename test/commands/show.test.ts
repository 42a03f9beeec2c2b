import { afterEach, describe, expect, it } from 'vitest';
import { answerForm } from '../../src/adapters/discord/answer-form.ts';
import { sayOnDiscord } from '../../src/adapters/discord/say.ts';
import { format as formatForMatrix } from '../../src/adapters/matrix/format/format.ts';
import { toPlain } from '../../src/adapters/matrix/format/plain.ts';
import type { Answer, Invocation } from '../../src/commands/invocation.ts';
import type { EventObject } from '../../src/words.ts';
import { startRig as startDiscord } from '../adapters/discord/rig.ts';
import { unhurried } from '../adapters/matrix/rig.ts';
import { commandTable } from '../support/command-table.ts';
import { type CommandsRig, createCommandsRig } from '../support/commands-rig.ts';
import { anEvent } from '../support/events.ts';
import { until } from '../support/until.ts';

let rig: CommandsRig;
afterEach(() => rig.stop());

const matrix = 'matrix:!a:a.org';
const discord = 'discord:123456789012345678';

async function start(room: string): Promise<void> {
  rig = await createCommandsRig({ room });
}

async function run(room: string, text: string, more: Partial<Invocation> = {}): Promise<Answer> {
  const [platform = '', ...address] = room.split(':');
  const answer = await rig.commands.run({
    key: null,
    platform: platform as Invocation['platform'],
    room: address.join(':'),
    direct: false,
    asker: { id: '42', roles: [], manages: false, power: 0 },
    said: { kind: 'line', text },
    answered: 'free',
    about: null,
    ...more,
  });
  return answer!;
}

const plain = ({ message }: Answer) => toPlain(message.body);
const deliver = (room: string, id: number, object: EventObject) =>
  rig.outbox.deliver(anEvent({ id, object: { link: `//a.test/q/${id}`, ...object } }), [room]);

const spam = {
  title: 'Buy pills',
  username: 'spammer',
  user_reputation: 1,
  body: '<p>Look <a href="https://evil.test/x">here</a></p>',
};

describe('the command show', () => {
  it('answers with title, author and body, with the addresses of links as text', async () => {
    await start(discord);
    await deliver(discord, 1, spam);
    const answer = await run(discord, 'show post:1');
    expect(answer.private).toBe(true);
    expect(answerForm(answer, sayOnDiscord([], 'top'))).toEqual({
      content: [
        'Buy pills',
        '`post:1` · by spammer · 1 rep · a.test',
        '```',
        'Look here (https://evil.test/x)',
        '```',
      ].join('\n'),
      flags: 64 | 4,
      allowed_mentions: { parse: [] },
    });
  });

  it('hides the body behind a spoiler where the room sees the answer, and links nothing', async () => {
    await start(matrix);
    await deliver(matrix, 1, spam);
    const { body, formatted_body: html } = JSON.parse(formatForMatrix((await run(matrix, 'show post:1')).message, 'k'));
    expect(html).toContain('<span data-mx-spoiler><code>Look here (https://evil.test/x)</code></span>');
    expect(html).not.toContain('<a ');
    expect(body).toContain('[spoiler]');
    expect(body).not.toContain('evil');
  });

  it('hides nothing in a conversation with the bot alone', async () => {
    await start(matrix);
    await deliver(matrix, 1, spam);
    const answer = await run('matrix:!b:a.org', 'show post:1', { direct: true });
    expect(plain(answer)).toContain('```\nLook here (https://evil.test/x)\n```');
  });

  it('shows the newest report of the room if none is named', async () => {
    await start(matrix);
    expect(plain(await run(matrix, 'show'))).toContain('This room shows no report yet');
    await deliver(matrix, 1, spam);
    await deliver(matrix, 2, { ...spam, title: 'Newer' });
    await rig.outbox.deliver(anEvent({ model: 'feedbacks', id: 3, subject: 'post:1' }), [matrix]);
    expect(plain(await run(matrix, 'show'))).toContain('Newer');
  });

  it('shows the post of the message that it replies to', async () => {
    await start(matrix);
    await deliver(matrix, 1, spam);
    await deliver(matrix, 2, { ...spam, title: 'Newer' });
    const messages = await rig.outbox.store.db.selectFrom('messages').selectAll().execute();
    const about = messages.find(({ subject }) => subject === 'post:1')!.platform_id;
    expect(plain(await run(matrix, 'show', { about }))).toContain('Buy pills');
    expect(plain(await run(matrix, 'show', { about: '$unknown' }))).toContain('No stored post is meant by that');
  });

  it('asks which one if the message is about several posts', async () => {
    await start(matrix);
    await deliver(matrix, 1, spam);
    await deliver(matrix, 2, { ...spam, title: 'Newer' });
    const { db } = rig.outbox.store;
    const first = await db.selectFrom('messages').selectAll().orderBy('id').executeTakeFirstOrThrow();
    await db.updateTable('deliveries').set({ message_id: first.id }).execute();
    expect(plain(await run(matrix, 'show', { about: first.platform_id }))).toBe(
      ['That message is about 2 posts. Show one of them:', '- `show post:1` Buy pills', '- `show post:2` Newer'].join(
        '\n',
      ),
    );
  });

  it('says that no body came, that it has no text, or that the post is unknown', async () => {
    await start(matrix);
    await deliver(matrix, 1, { title: 'Buy pills' });
    await deliver(matrix, 2, { ...spam, body: '<p><img src="x"></p>' });
    expect(plain(await run(matrix, 'show post:1'))).toMatch(/author unknown.*No body is stored/s);
    expect(plain(await run(matrix, 'show post:2'))).toContain('Its body has no text.');
    expect(plain(await run(matrix, 'show post:3'))).toContain('The report of `post:3` is not stored');
    expect(plain(await run(matrix, 'show flag:3'))).toContain('is not a post');
  });

  const hostile = '@everyone <@42> @room `x` ``` || *b* https://evil.test [a](https://evil.test) \u202egnp.exe';
  const written = hostile.replaceAll('<', '&lt;');
  it.each([discord, matrix])('shows hostile text as it was written, cut, in one message of %s', async (room) => {
    await start(room);
    const body = `<p>${written}</p><script>alert(1)</script>`.repeat(500);
    expect(body.length).toBeGreaterThan(60_000);
    await deliver(room, 1, { ...spam, title: hostile, username: hostile, body });
    const answer = await run(room, 'show post:1');
    expect(plain(answer)).toContain('Only the beginning is shown.');
    expect(JSON.stringify(answer.message)).not.toMatch(/alert|\u202e|"link","url"/);
    if (room === discord) {
      const form = JSON.stringify(answerForm(answer, sayOnDiscord([], 'top')));
      expect(form.length).toBeLessThan(6_000);
      // Without the code, nothing is left that Discord reads as a link, a mention or a spoiler.
      const { content = '', embeds = [] } = JSON.parse(form);
      const text = `${content}${embeds[0]?.description ?? ''}`.replaceAll(/``.*?``/gs, '');
      expect(text).not.toMatch(/(?<!\\)@everyone|(?<!\\)<@|https:\/\/|(?<!\\)\|(?!\\)\|/);
    } else {
      const { formatted_body: html } = JSON.parse(formatForMatrix(answer.message, 'k'));
      expect(html.length).toBeLessThan(15_000);
      expect(html).not.toMatch(/<a |<script/);
      expect(html.replaceAll(/<code>.*?<\/code>/gs, '')).not.toMatch(/evil\.test|@room|@everyone/);
    }
  });

  it('answers its asker alone when the button below a message is pressed', async () => {
    const people = await startDiscord({
      shownToAll: true,
      people: { table: commandTable(), run: (invocation) => rig.commands.run(invocation), complete: async () => [] },
    });
    try {
      const channel = people.discord.createChannel();
      await start(`discord:${channel}`);
      await deliver(`discord:${channel}`, 1, spam);
      await rig.outbox.store.db.updateTable('messages').set({ platform_id: '557' }).execute();
      await people.adapter.login(unhurried);
      await until(() => people.discord.commands().length > 0);
      const deed = { press: 'lookout:show', message: '557' };
      expect(await people.discord.act(channel, { id: '43' }, deed).answer).toMatchObject({
        isPublic: false,
        content: expect.stringContaining('Buy pills'),
      });
    } finally {
      await people.stop();
    }
  });

  it('reads no more than the beginning of a body of many megabytes', async () => {
    await start(matrix);
    await deliver(matrix, 1, { ...spam, body: '<b></b>'.repeat(2_000_000) });
    const before = performance.now();
    expect(plain(await run(matrix, 'show post:1'))).toContain('Its body has no text.');
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});
