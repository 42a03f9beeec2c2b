import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startDiscordDouble } from '../support/discord/double.ts';
import { startLookout } from '../support/lookout-process.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { tenLives } from '../support/ten-lives.ts';
import { startMatrixSide } from './support/matrix-side.ts';
import { requireServers } from './support/needs.ts';
import { openOutboxFile } from './support/outbox-file.ts';
import { startRails } from './support/rails-server.ts';
import { cardsOnDiscord, cardsOnMatrix, isQuiet } from './support/shown-cards.ts';
import { waitUntil } from './support/wait-until.ts';

/** Interval between the events of the lives, ms: several fall into one merge window, others do not. */
const eventEveryMs = 60;

it('ten lives of posts end as ten cards in each chat, with the expected content, across a kill in between', async () => {
  requireServers();
  const directory = await mkdtemp(join(tmpdir(), 'lookout-cards-'));
  const stops: (() => unknown)[] = [() => rm(directory, { recursive: true, force: true })];
  try {
    const rails = await startRails('cards-key');
    stops.push(() => rails.stop());
    const matrix = await startMatrixSide('off');
    stops.push(() => matrix.stop());
    const discord = await startDiscordDouble();
    stops.push(() => discord.stop());
    discord.limits = 'off';
    const channel = discord.createChannel();
    const configuration = {
      source: { url: rails.url, key: rails.key },
      store: 'sqlite:lookout.db',
      greet: 'off',
      chats: {
        discord: { api: discord.url, token: discord.bot.token },
        matrix: { homeserver: matrix.proxy.url, token: matrix.bot.token, invite: [matrix.reader.id] },
      },
      rooms: { discord: `discord:${channel}`, matrix: `matrix:${matrix.rooms.looks}` },
      subscriptions: [{ events: 'posts#create', rooms: ['discord', 'matrix'], card: true }],
    };
    await writeFile(join(directory, 'config.yaml'), JSON.stringify(configuration), { mode: 0o600 });
    const store = join(directory, 'lookout.db');
    const lookout = startLookout({ config: 'config.yaml', directory, env: {} });
    stops.push(() => lookout.kill());
    const outbox = openOutboxFile(store);
    const subscribed = () =>
      waitUntil('Lookout subscribed', async () => ((await rails.health()).subscriptions === 1 ? true : undefined), {
        timeoutMs: PATIENCE_MS,
        describe: () => lookout.said.slice(-10),
      });

    await subscribed();
    const lives = tenLives(Math.floor(Date.now() / 1_000) - 600);
    const half = Math.floor(lives.length / 2);
    for (const [index, event] of lives.entries()) {
      await rails.emit([event]);
      await new Promise((resolve) => setTimeout(resolve, eventEveryMs));
      if (index !== half) continue;
      await waitUntil('what was emitted is written down', () => (outbox.events() >= half - 12 ? true : undefined), {
        timeoutMs: PATIENCE_MS,
      });
      await lookout.kill();
      lookout.start();
      await subscribed();
    }
    await waitUntil('all cards drawn', () => (isQuiet(store) ? true : undefined), {
      timeoutMs: PATIENCE_MS,
      everyMs: 100,
      describe: () => lookout.said.slice(-10),
    });

    const onDiscord = cardsOnDiscord(discord, channel);
    const onMatrix = cardsOnMatrix(await matrix.reader.messages(matrix.rooms.looks));
    expect(onDiscord).toHaveLength(10);
    expect(onMatrix).toHaveLength(10);
    await expect(`${onDiscord.join('\n\n')}\n`).toMatchFileSnapshot('golden/cards-discord.txt');
    await expect(`${onMatrix.join('\n\n')}\n`).toMatchFileSnapshot('golden/cards-matrix.txt');
    expect(discord.pings).toEqual([]);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
});
