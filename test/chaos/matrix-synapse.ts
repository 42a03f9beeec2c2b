import { marksIn } from '../e2e/support/matrix-side.ts';
import { encryptionFaults } from '../e2e/support/room-reading.ts';
import { startStrictReader } from '../e2e/support/strict-reader.ts';
import { startSynapse } from '../e2e/support/synapse-server.ts';
import { startAnsweringProxy } from './answering-proxy.ts';
import { aboutKeys, forbidden, type MatrixSides, readingBack, sending } from './matrix.ts';

/**
 * Starts one real homeserver for all trials, behind a proxy that answers oddly; each trial has its own rooms and
 * accounts.
 */
export async function startMatrixSynapse(): Promise<MatrixSides> {
  const synapse = await startSynapse('off');
  let trials = 0;
  return {
    encrypts: true,
    async open({ plain, encrypted: wanted }) {
      const number = ++trials;
      const [bot, reader] = await Promise.all([
        synapse.createUser(`lookout${number}`),
        synapse.createUser(`reader${number}`),
      ]);
      const rooms: string[] = [];
      for (let index = 0; index < plain; index++) {
        const room = await reader.createRoom({ invite: [bot] });
        await bot.join(room);
        rooms.push(room);
      }
      const strict = await startStrictReader({ synapse, user: reader, device: 'STRICT', signedBy: 'itself' });
      const encrypted: string[] = [];
      for (let index = 0; index < wanted; index++) {
        // A new key after few messages, so that faults meet the making of keys.
        const room = await strict.createRoom({ invite: [bot], rotateAfter: 5 });
        await bot.join(room);
        encrypted.push(room);
      }
      const proxy = await startAnsweringProxy(synapse.url);
      let devices = 1;
      const logIn = () => synapse.logIn(bot, `LOOKOUT${devices}`);
      let token = await logIn();
      return {
        url: proxy.url,
        rooms,
        encrypted,
        get token() {
          return token;
        },
        readEveryMs: 500,
        nextSend: (answer) => proxy.next(sending, answer),
        nextKeys: (answer) => proxy.next(aboutKeys, answer),
        forgetNextSends: proxy.forgetNext,
        forbidReading: () => proxy.always(readingBack, forbidden),
        async logIn(device) {
          if (device === 'new') devices++;
          token = await logIn();
        },
        async shown(room) {
          const messages = encrypted.includes(room)
            ? await strict.read(room)
            : (await reader.messages(room)).map(({ content, origin_server_ts: at }) => ({ content, at }));
          return messages.flatMap(({ content, at }) => marksIn(String(content.body)).map((mark) => ({ mark, at })));
        },
        async unreadable(room) {
          // Lookout's account has several devices, one after the other.
          return encryptionFaults(await strict.read(room), bot.id, { devices: 'any' });
        },
        async stop() {
          strict.stop();
          await proxy.stop();
        },
      };
    },
    stop: () => synapse.stop(),
  };
}
