import { marksIn } from '../e2e/support/matrix-side.ts';
import { fakeToken, startHomeserver } from '../support/homeserver.ts';
import { forbidden, type MatrixSides, readingBack, sending } from './matrix.ts';

/** Creates a double of a homeserver for each trial. */
export function createMatrixDoubles(): MatrixSides {
  return {
    encrypts: false,
    async open({ plain }) {
      const homeserver = await startHomeserver();
      const rooms = Array.from({ length: plain }, () =>
        homeserver.rooms.create({ members: { [homeserver.user]: 'join' } }),
      );
      let token = fakeToken;
      return {
        url: homeserver.url,
        rooms,
        encrypted: [],
        get token() {
          return token;
        },
        readEveryMs: 250,
        nextSend: (answer) => homeserver.next(sending, answer),
        nextKeys() {},
        forgetNextSends: homeserver.forgetNext,
        forbidReading: () => homeserver.always(readingBack, forbidden),
        async logIn(device) {
          if (device === 'new') homeserver.logInAnew();
          token = homeserver.replaceToken();
        },
        async shown(room) {
          return homeserver.rooms
            .shown(room)
            .flatMap(({ content, origin_server_ts: at }) =>
              marksIn(String(content.body)).map((mark) => ({ mark, at })),
            );
        },
        unreadable: async () => [],
        stop: () => homeserver.stop(),
      };
    },
    stop: async () => {},
  };
}
