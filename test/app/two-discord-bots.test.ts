import { expect, it, onTestFinished } from 'vitest';
import { discord } from '../../src/adapters/discord/platform.ts';
import { systemClock } from '../../src/time/clock.ts';
import { type DiscordDouble, fakeDiscordToken, startDiscordDouble } from '../support/discord/double.ts';
import { createTestApp } from '../support/test-app.ts';
import { until } from '../support/until.ts';

const tokens = [fakeDiscordToken, `${fakeDiscordToken.slice(0, -1)}x`] as const;

async function startBot(token: string): Promise<DiscordDouble> {
  const double = await startDiscordDouble({ token });
  onTestFinished(() => double.stop());
  return double;
}

/** Creates a channel whose id another double has not given: on Discord no two have one. */
function createOther(double: DiscordDouble, taken: readonly string[]): string {
  const id = double.createChannel();
  return taken.includes(id) ? createOther(double, taken) : id;
}

const person = { id: '123456789012345678', may: ['ManageChannels'] } as const;

const post = (id: number) => ({
  event_type: 'create',
  event_class: 'Post',
  object: { id, title: `Title ${id}`, link: '//a.stackexchange.com/q/1', updated_at: '2026-11-24T10:00:00.000Z' },
});

const shown = (double: DiscordDouble, channel: string) => JSON.stringify(double.messages(channel));

it('two bots send into their own channels and answer there; one that is refused does not stop the other', async () => {
  const one = await startBot(tokens[0]);
  // An id has the time of its making, and two users have two.
  const startedAt = Date.now();
  await until(() => Date.now() > startedAt);
  const two = await startBot(tokens[1]);
  const [smoke, ofOther] = [one.createChannel(), one.createChannel()];
  const spam = createOther(two, [smoke, ofOther]);
  const app = await createTestApp({
    config: '',
    whole: (url) => `source: { url: "${url}", key: secret-key }
store: memory
chats:
  discord:
    - { token: ${tokens[0]}, api: "${one.url}" }
    - { name: eu, token: ${tokens[1]}, api: "${two.url}" }
rooms: { smoke: "discord:${smoke}", spam: { to: "discord:${spam}", account: eu }, other: { to: "discord:${ofOther}", account: eu } }
subscriptions: [{ events: posts#create, rooms: [smoke, spam] }]
`,
    platforms: [discord],
    clock: systemClock,
  });
  await app.hear(post(1));
  await until(() => [shown(one, smoke), shown(two, spam)].every((text) => text.includes('Title 1')));

  // Each has its own commands. One that is asked for a room of the other says whose it is, to the asker alone.
  await until(() => one.commands().length > 0 && two.commands().length > 0);
  const status = (bot: DiscordDouble, channel: string) => bot.act(channel, person, { slash: 'status' }).answer;
  expect((await status(one, smoke)).content).toContain('Waiting for this room: 0');
  expect((await status(two, spam)).content).toContain('Waiting for this room: 0');
  expect(await status(one, ofOther)).toMatchObject({
    isPublic: false,
    content: 'This room belongs to another account of Lookout (discord/eu): use the commands of that bot here.',
  });

  two.revoke();
  await app.hear(post(2));
  await until(() => app.said.some((line) => line.startsWith('error discord/eu takes nothing from us')));
  await until(() => shown(one, smoke).includes('Title 2'));
  expect(shown(two, spam)).not.toContain('Title 2');
  const states = app.parts.delivery.outbox.accounts.map(({ id, state }) => `${id} ${state.state}`);
  expect(states).toEqual(expect.arrayContaining(['discord ready', 'discord/eu broken']));
});
