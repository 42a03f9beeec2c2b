import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { startDiscordDouble } from '../support/discord/double.ts';
import { startLookout } from '../support/lookout-process.ts';
import { tenLives } from '../support/ten-lives.ts';
import { startMatrixSide } from './support/matrix-side.ts';
import type { RoomEvent } from './support/matrix-user.ts';
import { requireServers } from './support/needs.ts';
import { openOutboxFile } from './support/outbox-file.ts';
import { startRails } from './support/rails-server.ts';
import { waitUntil } from './support/wait-until.ts';

/** Interval between the events of the lives, ms: several fall into one merge window, others do not. */
const eventEveryMs = 60;

/** Returns the final content of a room: the last text of each message. */
function lastTexts(messages: readonly RoomEvent[]): readonly string[] {
  const texts = new Map<string, string>();
  for (const { event_id, content } of messages) {
    const relation = content['m.relates_to'] as { rel_type?: string; event_id: string } | undefined;
    const fresh = content['m.new_content'] as { body: string } | undefined;
    if (relation?.rel_type === 'm.replace' && fresh !== undefined) texts.set(relation.event_id, fresh.body);
    else texts.set(event_id, String(content.body));
  }
  return [...texts.values()];
}

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
        timeoutMs: 30_000,
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
        timeoutMs: 30_000,
      });
      await lookout.kill();
      lookout.start();
      await subscribed();
    }
    const open = (query: string) => {
      const database = new DatabaseSync(store, { readOnly: true, timeout: 5_000 });
      try {
        return Number(database.prepare(query).get()?.n);
      } finally {
        database.close();
      }
    };
    const isQuiet = () =>
      outbox.unsettled() === 0 &&
      open('select count(*) n from messages where redraw_at is not null') === 0 &&
      open("select count(*) n from sends where state = 'pending'") === 0;
    await waitUntil('all cards drawn', () => (isQuiet() ? true : undefined), {
      timeoutMs: 60_000,
      everyMs: 100,
      describe: () => lookout.said.slice(-10),
    });

    const onDiscord = discord
      .messages(channel)
      .map(({ embeds }) =>
        embeds
          .map(({ title, description, color, footer, fields }) =>
            JSON.stringify({ title, description, color, footer, fields }, null, 2),
          )
          .join('\n'),
      );
    const onMatrix = lastTexts(await matrix.reader.messages(matrix.rooms.looks));
    expect(onDiscord).toHaveLength(10);
    expect(onMatrix).toHaveLength(10);
    await expect(`${onDiscord.join('\n\n')}\n`).toMatchFileSnapshot('golden/cards-discord.txt');
    await expect(`${onMatrix.join('\n\n')}\n`).toMatchFileSnapshot('golden/cards-matrix.txt');
    expect(discord.pings).toEqual([]);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
});
