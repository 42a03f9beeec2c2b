import { afterAll, beforeAll, expect, it } from 'vitest';
import { matrix } from '../../src/adapters/matrix/platform.ts';
import { type Clock, systemClock } from '../../src/time/clock.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';
import type { MatrixUser } from './support/matrix-user.ts';
import { encryptionFaults } from './support/room-reading.ts';
import { type StrictReader, startStrictReader } from './support/strict-reader.ts';
import { type SynapseServer, startSynapse } from './support/synapse-server.ts';
import { waitUntil } from './support/wait-until.ts';

let synapse: SynapseServer;
let bots: readonly [MatrixUser, MatrixUser];
let reader: StrictReader;

beforeAll(async () => {
  synapse = await startSynapse('off');
  bots = [await synapse.createUser('lookout'), await synapse.createUser('lookout-eu')];
  const user = await synapse.createUser('reader');
  reader = await startStrictReader({ synapse, user, device: 'READER', signedBy: 'itself' });
});
afterAll(async () => {
  reader?.stop();
  await synapse?.stop();
});

const post = (id: number) => ({
  event_type: 'create',
  event_class: 'Post',
  object: { id, title: `Title ${id}`, link: '//a.stackexchange.com/q/1', updated_at: '2026-11-24T10:00:00.000Z' },
});

it('two users of one homeserver, both in a plain and in an encrypted room, each speak and answer in their own', async () => {
  const [one, two] = bots;
  const { user } = reader;
  const plain = await user.createRoom({ invite: bots });
  const encrypted = await reader.createRoom({ invite: bots });
  const account = ({ token }: MatrixUser, name = '') =>
    `{ ${name}homeserver: "${synapse.url}", token: "${token}", invite: ["${user.id}"] }`;
  const app: TestApp<Clock> = await createTestApp({
    config: '',
    whole: (url) => `source: { url: "${url}", key: secret-key }
store: sqlite:lookout.db
chats: { matrix: [${account(one)}, ${account(two, 'name: eu, ')}] }
rooms: { hq: "matrix:${plain}", spam: { to: "matrix:${encrypted}", account: eu } }
subscriptions: [{ events: posts#create, rooms: [hq, spam] }]
`,
    store: 'file',
    platforms: [matrix],
    clock: systemClock,
  });
  /** Returns who wrote such a text in a room, as the reader sees it. */
  const authors = async (room: string, text: RegExp) =>
    (await reader.read(room))
      .filter(({ sender, content }) => sender !== user.id && text.test(String(content.body)))
      .map(({ sender }) => sender);
  const untilSaid = (room: string, text: RegExp) =>
    waitUntil(`${text} in ${room}`, async () => ((await authors(room, text)).length > 0 ? true : undefined), {
      timeoutMs: 60_000,
      describe: () => app.said.slice(-10),
    });

  for (const bot of bots) await reader.untilJoined(encrypted, bot);
  await app.hear(post(1));
  await untilSaid(plain, /Title 1/);
  await untilSaid(encrypted, /Title 1/);

  await user.send(plain, '!status');
  await reader.send(encrypted, '!status');
  await untilSaid(plain, /Waiting for this room/);
  await untilSaid(encrypted, /Waiting for this room/);

  await app.restart();
  await app.hear(post(2));
  await untilSaid(plain, /Title 2/);
  await untilSaid(encrypted, /Title 2/);
  // Whatever the other account had to say would be there by now.
  for (const text of [/Title 1/, /Title 2/, /Waiting for this room/]) {
    expect(await authors(plain, text)).toEqual([one.id]);
    expect(await authors(encrypted, text)).toEqual([two.id]);
  }
  expect(encryptionFaults(await reader.read(encrypted), two.id)).toEqual([]);
  const kept = await app.db.selectFrom('encryption_databases').select('account').distinct().execute();
  expect(new Set(kept.map((row) => row.account))).toEqual(new Set([one.id, two.id]));
  expect(app.said.filter((line) => line.startsWith('error'))).toEqual([]);
}, 180_000);
