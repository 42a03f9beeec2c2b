import { fileURLToPath } from 'node:url';
import { startDiscordDouble } from '../support/discord/double.ts';
import { fakeToken, startHomeserver } from '../support/homeserver.ts';
import type { PlatformName } from './platforms.ts';

/** A chat in which people give commands to a bot. */
export interface AskedChat {
  /** The room's address in the configuration. */
  readonly room: string;
  /** The configuration's `chats.<name>`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The program that answers in place of Lookout, with nothing in between, and its arguments. */
  readonly floor: readonly string[];
  /** Resolves when Lookout is ready for commands. */
  ready(): Promise<void>;
  /** Resolves when the floor is ready for commands. */
  floorReady(): Promise<void>;
  /** Gives a command as a person; resolves when the answer is shown. */
  ask(person: number, command: string, options: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL('./floor-answers.ts', import.meta.url));

export function startAskedChat(name: PlatformName): Promise<AskedChat> {
  return name === 'discord' ? startDiscord() : startMatrix();
}

/** Waits for another process by checking every half millisecond. */
async function until(condition: () => boolean): Promise<void> {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > 30_000) throw new Error(`waited 30 s for: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 0.5));
  }
}

async function startDiscord(): Promise<AskedChat> {
  const double = await startDiscordDouble();
  const channel = double.createChannel();
  return {
    room: `discord:${channel}`,
    config: { api: double.url, token: double.bot.token },
    floor: [program, 'discord', double.url, double.bot.token, double.bot.id],
    ready: () => until(() => double.commands().some(({ name }) => name === 'subscribe')),
    floorReady: () => until(() => double.gateway.identified === 1),
    async ask(person, slash, options) {
      const asker = { id: `${10_000 + person}`, may: ['ManageChannels' as const] };
      const shown = await double.act(channel, asker, { slash, options }).answer;
      if (!/now receives|done/.test(shown.content)) throw new Error(shown.content);
    },
    stop: () => double.stop(),
  };
}

/** Number of people who may change the room. */
const people = 100;

async function startMatrix(): Promise<AskedChat> {
  const homeserver = await startHomeserver();
  const person = (index: number) => `@person${index}:fake.test`;
  const everybody = Array.from({ length: people }, (_, index) => person(index));
  const room = homeserver.rooms.create({
    members: { [homeserver.user]: 'join', ...Object.fromEntries(everybody.map((id) => [id, 'join' as const])) },
    powerLevels: { users: Object.fromEntries(everybody.map((id) => [id, 50])) },
  });
  const answers = () =>
    homeserver.rooms
      .get(room)
      .events.filter(({ sender, type }) => sender === homeserver.user && type === 'm.room.message');
  const polls = () => homeserver.seen.some(({ path, query }) => path === '/sync' && query.get('timeout') === '30000');
  return {
    room: `matrix:${room}`,
    config: { homeserver: homeserver.url, token: fakeToken },
    floor: [program, 'matrix', homeserver.url, fakeToken, room, homeserver.user],
    ready: () => until(polls),
    floorReady: () => until(polls),
    async ask(index, command, options) {
      const before = answers().length;
      const body = `!${command} ${Object.entries(options)
        .map(([name, value]) => `--${name} '${value}'`)
        .join(' ')}`;
      const content = { msgtype: 'm.text', body };
      homeserver.rooms.add(room, { type: 'm.room.message', sender: person(index), content }, 0);
      await until(() => answers().length > before);
      const answer = String(answers().at(-1)?.content.body);
      if (!/now receives|done/.test(answer)) throw new Error(answer);
    },
    stop: () => homeserver.stop(),
  };
}
