import { expect } from 'vitest';
import { type Arrange, adapterContract } from '../../src/adapters/contract/contract.ts';
import { posting, startRig, unhurried } from '../adapters/discord/rig.ts';
import { type DoubleMessage, fakeDiscordToken } from '../support/discord/double.ts';
import { until } from '../support/until.ts';
import { runner } from './runner.ts';

/** A server (or a proxy before it) that quotes the request in its error. */
const message = `You sent: Authorization: Bot ${fakeDiscordToken}`;

const textOf = ({ content, embeds }: DoubleMessage) =>
  [content, ...embeds.map((embed) => JSON.stringify(embed))].join('\n');

adapterContract(runner, 'Discord', {
  cannot: {},
  async start() {
    const rig = await startRig();
    const { discord, adapter, clock } = rig;
    const logIn = async () =>
      expect(await adapter.login(unhurried)).toMatchObject({ outcome: 'ready', account: { id: discord.bot.id } });
    await logIn();
    const room = discord.createChannel();
    expect(await adapter.resolve(room, unhurried)).toEqual({ outcome: 'resolved', address: room });
    // After a 401 no request is sent until the next login.
    const answers =
      (status: number, code: number, more: object = {}, headers: Record<string, string> = {}): Arrange =>
      async () => {
        await logIn();
        discord.next(posting, { status, headers, body: { code, message, ...more } });
      };
    return {
      adapter,
      room,
      noMessage: '1',
      limitedForMs: 7_000,
      secret: fakeDiscordToken,
      said: rig.said,
      faults: {
        badRequest: answers(400, 50035, {
          errors: { content: { _errors: [{ code: 'BASE_TYPE_MAX_LENGTH', message }] } },
        }),
        unauthorized: answers(401, 0),
        forbidden: answers(403, 50013),
        missing: answers(404, 10003),
        limited: answers(
          429,
          0,
          { retry_after: 6.5, global: false },
          { 'retry-after': '7', 'x-ratelimit-scope': 'user', 'x-ratelimit-remaining': '0' },
        ),
        limitedWithoutWait: answers(429, 0),
        serverError: answers(502, 0),
        timeout: async () => {
          await logIn();
          discord.next(posting, { hangs: true });
          const arrived = discord.arrival(posting);
          return async () => {
            await arrived;
            await clock.advance(30_000);
          };
        },
        lostAfterWriting: () => discord.next(posting, { lost: 'done' }),
        refused: async () => {
          await logIn();
          await discord.stopListening();
          // Wait until our side has noticed, too; a send over a connection that is about to close would be lost instead
          // of refused.
          await until(() => !process.getActiveResourcesInfo().includes('TCPSocketWrap'));
        },
      },
      shown: async () => discord.messages(room).map(textOf),
      somebody: { kind: 'user', id: '42424242424242424' },
      async related() {
        const replies = discord.messages(room).flatMap((message) => {
          const to = message.message_reference?.message_id;
          return to === undefined ? [] : [{ as: 'reply', to, text: textOf(message) } as const];
        });
        const inThreads = discord
          .threads(room)
          .flatMap((to) =>
            discord.messages(to).map((message) => ({ as: 'thread', to, text: textOf(message) }) as const),
          );
        return [...replies, ...inThreads];
      },
      reactions: async () =>
        discord.messages(room).flatMap(({ id }) => discord.reactions(room, id).map((emoji) => `${id} ${emoji}`)),
      pinged: async () => discord.pings.splice(0).map((ping) => ping.replace(/^.*<@&?(.*)>$/, '$1')),
      remove: async (message) => discord.deleteMessage(room, message),
      stop: rig.stop,
    };
  },
});
