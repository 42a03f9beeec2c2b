import { expect } from 'vitest';
import { type Arrange, adapterContract, type Related } from '../../src/adapters/contract/contract.ts';
import { startRig, unhurried } from '../adapters/matrix/rig.ts';
import { fakeToken } from '../support/homeserver.ts';
import { relationOf } from '../support/homeserver-rooms.ts';
import { until } from '../support/until.ts';
import { runner } from './runner.ts';

const sending = /^PUT \/rooms\/.*\/send\//;
/** A homeserver (or a proxy before it) that quotes the request in its error. */
const text = `You sent: Authorization: Bearer ${fakeToken}`;

adapterContract(runner, 'Matrix', {
  cannot: {},
  async start() {
    const rig = await startRig();
    const { homeserver, adapter, clock } = rig;
    expect(await adapter.login(unhurried)).toMatchObject({ outcome: 'ready', account: { id: homeserver.user } });
    const room = homeserver.rooms.create({ members: { [homeserver.user]: 'join' } });
    expect(await adapter.resolve(room, unhurried)).toEqual({ outcome: 'resolved', address: room });
    const answers =
      (status: number, errcode: string, more: object = {}, headers: Record<string, string> = {}): Arrange =>
      () =>
        homeserver.next(sending, { status, headers, body: { errcode, error: text, ...more } });
    const putOut = () => homeserver.rooms.setMembership(room, homeserver.user, 'leave', '@owner:fake.test');
    let pinged = 0;
    return {
      adapter,
      room,
      noMessage: '$gone',
      limitedForMs: 7_000,
      secret: fakeToken,
      said: rig.said,
      faults: {
        badRequest: answers(400, 'M_BAD_JSON'),
        unauthorized: answers(401, 'M_UNKNOWN_TOKEN'),
        forbidden: putOut,
        missing: async () => {
          putOut();
          return answers(404, 'M_NOT_FOUND')();
        },
        limited: answers(429, 'M_LIMIT_EXCEEDED', {}, { 'retry-after': '7' }),
        limitedWithoutWait: answers(429, 'M_LIMIT_EXCEEDED'),
        serverError: answers(502, 'M_UNKNOWN'),
        timeout: () => {
          homeserver.next(sending, { hangs: true });
          const arrived = homeserver.arrival(sending);
          return async () => {
            await arrived;
            await clock.advance(30_000);
          };
        },
        lostAfterWriting: () => homeserver.next(sending, { lost: 'done' }),
        refused: async () => {
          await homeserver.stopListening();
          // Wait until our side has noticed, too; a send over a connection that is about to close would be lost instead
          // of refused.
          await until(() => !process.getActiveResourcesInfo().includes('TCPSocketWrap'));
        },
      },
      shown: async () => homeserver.rooms.shown(room).map(({ content }) => String(content.body)),
      somebody: { kind: 'user', id: '@alice123:fake.test' },
      related: async () =>
        homeserver.rooms.shown(room).flatMap(({ content }): readonly Related[] => {
          const { rel_type: type, event_id: root, ...relation } = relationOf(content);
          const replied = relation['m.in_reply_to']?.event_id;
          const text = String(content.body);
          if (type === 'm.thread') return [{ as: 'thread', to: root ?? '', text }];
          return replied === undefined ? [] : [{ as: 'reply', to: replied, text }];
        }),
      reactions: async () => homeserver.rooms.reactions(room),
      async pinged() {
        const all = homeserver.rooms.pings(room);
        const fresh = all.slice(pinged);
        pinged = all.length;
        return fresh;
      },
      remove: async (message) => homeserver.rooms.redact(room, message),
      stop: rig.stop,
    };
  },
});
