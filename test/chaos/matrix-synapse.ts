import { marksIn } from '../e2e/support/matrix-side.ts';
import { startSynapse } from '../e2e/support/synapse-server.ts';
import { startAnsweringProxy } from './answering-proxy.ts';
import { forbidden, type MatrixSides, readingBack, sending } from './matrix.ts';

/**
 * Starts one real homeserver for all trials, behind a proxy that answers oddly; each trial has its own rooms and
 * accounts.
 */
export async function startMatrixSynapse(): Promise<MatrixSides> {
  const synapse = await startSynapse('off');
  let trials = 0;
  return {
    async open(count) {
      const number = ++trials;
      const [bot, reader] = await Promise.all([
        synapse.createUser(`lookout${number}`),
        synapse.createUser(`reader${number}`),
      ]);
      const rooms: string[] = [];
      for (let index = 0; index < count; index++) {
        const room = await reader.createRoom({ invite: [bot] });
        await bot.join(room);
        rooms.push(room);
      }
      const proxy = await startAnsweringProxy(synapse.url);
      let devices = 1;
      const logIn = () => synapse.logIn(bot, `LOOKOUT${devices}`);
      let token = await logIn();
      return {
        url: proxy.url,
        rooms,
        get token() {
          return token;
        },
        readEveryMs: 500,
        nextSend: (answer) => proxy.next(sending, answer),
        forgetNextSends: proxy.forgetNext,
        forbidReading: () => proxy.always(readingBack, forbidden),
        async logIn(device) {
          if (device === 'new') devices++;
          token = await logIn();
        },
        async shown(room) {
          const messages = await reader.messages(room);
          return messages.flatMap(({ content, origin_server_ts: at }) =>
            marksIn(String(content.body)).map((mark) => ({ mark, at })),
          );
        },
        stop: () => proxy.stop(),
      };
    },
    stop: () => synapse.stop(),
  };
}
