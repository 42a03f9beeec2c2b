import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { listenForCommandLines } from '../../src/adapters/console/command-lines.ts';
import { systemClock } from '../../src/time/clock.ts';
import { startRig as startDiscord } from '../adapters/discord/rig.ts';
import { startRig as startMatrix, unhurried } from '../adapters/matrix/rig.ts';
import { commandTable } from '../support/command-table.ts';
import { until } from '../support/until.ts';
import { itKeepsTheCommandContract } from './command-contract.ts';

/** Returns the line that a person would write. */
function lineOf(command: string, options: Readonly<Record<string, string>>): string {
  const named = Object.entries(options).map(([name, value]) => `--${name} '${value}'`);
  return [command, ...named].join(' ');
}

itKeepsTheCommandContract('the console', async ({ run }) => {
  const input = new PassThrough();
  const written: string[] = [];
  const write = async (text: string) => void written.push(text);
  const lines = listenForCommandLines({
    input,
    rooms: ['here'],
    roomNames: [],
    table: [],
    namedRoom: () => null,
    run,
    write,
    color: false,
    width: 300,
    clock: systemClock,
  });
  return {
    room: 'console:here',
    tellsApart: false,
    unmute: '/unmute m2',
    owner: /, by\s+console$/m,
    async ask(_, command, options) {
      const before = written.length;
      input.write(`/${lineOf(command, options)}\n`);
      await until(() => written.length > before);
      return stripVTControlCharacters(written.slice(before).join('')).trim();
    },
    stop: () => lines.stop(),
  };
});

itKeepsTheCommandContract('Matrix', async ({ run }) => {
  const rig = await startMatrix({ people: { run } });
  const [bot, owner, reader] = ['@bot:fake.test', '@owner:fake.test', '@reader:fake.test'];
  const room = rig.homeserver.rooms.create({
    members: { [bot]: 'join', [owner]: 'join', [reader]: 'join' },
    powerLevels: { users: { [owner]: 50 } },
  });
  rig.homeserver.rooms.setState(room, 'm.room.member', { membership: 'join', displayname: 'Ada' }, owner, owner);
  await rig.adapter.login(unhurried);
  await until(() =>
    rig.homeserver.seen.some(({ path, query }) => path === '/sync' && query.get('timeout') === '30000'),
  );
  const answers = () =>
    rig.homeserver.rooms.get(room).events.filter(({ sender, type }) => sender === bot && type === 'm.room.message');
  return {
    room: `matrix:${room}`,
    tellsApart: true,
    unmute: '!unmute m2',
    owner: /, by Ada \(@owner:fake\.test\)/,
    async ask(who, command, options) {
      const before = answers().length;
      const content = { msgtype: 'm.text', body: `!${lineOf(command, options)}` };
      rig.homeserver.rooms.add(room, { type: 'm.room.message', sender: who === 'owner' ? owner : reader, content }, 0);
      await until(() => answers().length > before);
      return String(answers().at(-1)?.content.body).replaceAll('`', '');
    },
    stop: () => rig.stop(),
  };
});

itKeepsTheCommandContract('Discord', async (commands) => {
  const { run, complete } = commands;
  const rig = await startDiscord({
    shownToAll: true,
    people: { table: commandTable(), run, complete },
  });
  const room = rig.discord.createChannel();
  return {
    room: `discord:${room}`,
    tellsApart: true,
    unmute: '/unmute mute:m2',
    owner: /, by <@\d{17,20}>/,
    async ask(who, command, options) {
      if (rig.discord.gateway.identified === 0) await rig.adapter.login(unhurried);
      await until(() => rig.discord.commands().length > 0);
      const person = who === 'owner' ? { id: '123456789012345678', may: ['ManageChannels'] as const } : { id: '43' };
      const shown = await rig.discord.act(room, person, { slash: command, options }).answer;
      const [embed] = shown.embeds;
      return `${shown.content}${embed?.title ?? ''}${embed?.description ?? ''}`.replaceAll(/[`\\]/g, '');
    },
    stop: () => rig.stop(),
  };
});
