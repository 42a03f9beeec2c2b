import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { looksWrong } from '../e2e/support/looks.ts';
import { waitUntil } from '../e2e/support/wait-until.ts';
import { startCableServer } from '../support/cable-server.ts';
import type { DoubleMessage } from '../support/discord/double.ts';
import { fakeToken, startHomeserver } from '../support/homeserver.ts';
import type { ShownMessage } from '../support/homeserver-rooms.ts';
import { startLookout } from '../support/lookout-process.ts';
import { startMetasmokeApi } from '../support/metasmoke-api.ts';
import { cardDetails, cardStages } from './card-stages.ts';
import { makeDiscordRoom } from './discord-room.ts';

/** A stage of a card, as the readers of the rooms see it. */
export interface ShownStage {
  readonly caption: string;
  readonly onDiscord: DoubleMessage;
  /** With the content of its last edit. */
  readonly onMatrix: ShownMessage;
}

/** Time that the stages take, s. All of it has passed when Lookout receives the first event. */
const storySeconds = 50;

/**
 * Runs Lookout between an Action Cable server and one server for each chat, and stops them all. Fails if a message
 * breaks a promise.
 */
export async function showCards(): Promise<readonly ShownStage[]> {
  const directory = await mkdtemp(join(tmpdir(), 'lookout-picture-'));
  const stops: (() => unknown)[] = [() => rm(directory, { recursive: true, force: true })];
  try {
    const api = await startMetasmokeApi();
    stops.push(api.stop);
    api.tables.sites.push(...cardDetails.sites);
    api.tables.reasons.push(...cardDetails.reasons);
    const cable = await startCableServer();
    stops.push(cable.stop);
    const homeserver = await startHomeserver();
    stops.push(homeserver.stop);
    const room = homeserver.rooms.create({ members: { [homeserver.user]: 'join' } });
    const discord = await makeDiscordRoom();
    stops.push(discord.double.stop);
    const configuration = {
      source: { url: cable.url, key: api.key, api: api.url },
      store: 'memory',
      chats: {
        discord: { api: discord.double.url, token: discord.double.bot.token },
        matrix: { homeserver: homeserver.url, token: fakeToken },
      },
      rooms: { discord: `discord:${discord.channel}`, matrix: `matrix:${room}` },
      subscriptions: [{ events: 'posts#create', rooms: ['discord', 'matrix'], card: true }],
    };
    await writeFile(join(directory, 'config.yaml'), JSON.stringify(configuration), { mode: 0o600 });
    const lookout = startLookout({ config: 'config.yaml', directory, env: {} });
    stops.push(lookout.kill);
    const client = await lookout.whileRunning(cable.client());
    await lookout.whileRunning(client.subscribed());

    const shown: ShownStage[] = [];
    for (const { caption, events, brings } of cardStages(Math.floor(Date.now() / 1_000) - storySeconds)) {
      for (const event of events) {
        const { event_type: type, event_class: model, object } = event;
        if (type === 'create' && model === 'Post') {
          api.tables.posts.push({ ...object, reason_ids: cardDetails.reasonIds[Number(object.id)] });
        }
        client.message(event);
      }
      const newest = () => {
        const onDiscord = discord.read().at(-1);
        const onMatrix = homeserver.rooms.shown(room).at(-1);
        if (onDiscord === undefined || onMatrix === undefined) return undefined;
        const seen = [onDiscord.embeds, onMatrix.content].map((one) => JSON.stringify(one));
        const isThere = seen.every((text) => brings.every((brought) => text.includes(brought)));
        return isThere ? { caption, onDiscord, onMatrix } : undefined;
      };
      const describe = () => lookout.said.slice(-10);
      shown.push(
        await waitUntil(`both cards show “${brings.join('” and “')}”`, newest, { timeoutMs: 30_000, describe }),
      );
    }
    const { pings, previews, misfits } = discord.double;
    const wrong = [
      ...shown.flatMap(({ onMatrix }) => looksWrong(onMatrix, [fakeToken, api.key])),
      ...[...pings, ...previews, ...misfits].map((what) => `Discord: ${what}`),
    ];
    if (wrong.length > 0) throw new Error(`messages break a promise:\n${wrong.join('\n')}`);
    return shown;
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}
