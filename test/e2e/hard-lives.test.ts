import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fastTime, speed } from '../chaos/fast-clock.ts';
import { startLookoutProcess } from '../chaos/lookout-process.ts';
import { startDiscordDouble } from '../support/discord/double.ts';
import { gapSeconds, hardLives } from '../support/hard-lives.ts';
import { type MetasmokeApiDouble, type Row, startMetasmokeApi, type Tables } from '../support/metasmoke-api.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { startMatrixSide } from './support/matrix-side.ts';
import { requireServers } from './support/needs.ts';
import { startRails, type WireEvent } from './support/rails-server.ts';
import { cardsOnDiscord, cardsOnMatrix, isComplete, isQuiet } from './support/shown-cards.ts';
import { waitUntil } from './support/wait-until.ts';

/** Interval between the events of the lives, ms. */
const eventEveryMs = 60;
/** Interval between the pings of a source, s, as the server has it (beat). */
const pingEverySeconds = 3;

const tableOf: Readonly<Record<string, keyof Tables>> = {
  Post: 'posts',
  Feedback: 'feedbacks',
  FlagLog: 'flag_logs',
  DeletionLog: 'deletion_logs',
};

/** Changes metasmoke's tables as an event tells. */
function apply(api: MetasmokeApiDouble, { event_type, event_class, object }: WireEvent): void {
  const rows = api.tables[tableOf[event_class]!];
  const at = rows.findIndex(({ id }) => id === object.id);
  const [old] = at >= 0 ? rows.splice(at, 1) : [];
  if (event_type !== 'destroy') rows.push({ ...old, ...object } satisfies Row);
}

it('ten lives with twins, undeletions, a ghost and a gap end as cards that agree with metasmoke', {
  timeout: 180_000,
}, async () => {
  requireServers();
  const directory = await mkdtemp(join(tmpdir(), 'lookout-lives-'));
  const stops: (() => unknown)[] = [() => rm(directory, { recursive: true, force: true })];
  try {
    const rails = await startRails('lives-key', pingEverySeconds / speed);
    stops.push(() => rails.stop());
    const api = await startMetasmokeApi(rails.key);
    stops.push(() => api.stop());
    api.tables.sites.push({ id: 1, site_name: 'Stack Overflow', site_domain: 'stackoverflow.com', site_logo: null });
    const matrix = await startMatrixSide('off');
    stops.push(() => matrix.stop());
    const discord = await startDiscordDouble();
    stops.push(() => discord.stop());
    discord.limits = 'off';
    const channel = discord.createChannel();
    const configuration = {
      source: { url: rails.url, key: rails.key, api: api.url },
      store: 'sqlite:lookout.db',
      greet: 'off',
      chats: {
        discord: { api: discord.url, token: discord.bot.token },
        matrix: { homeserver: matrix.proxy.url, token: matrix.bot.token, invite: [matrix.reader.id] },
      },
      rooms: {
        discord: { to: `discord:${channel}`, waves: 'off' },
        matrix: { to: `matrix:${matrix.rooms.looks}`, waves: 'off' },
      },
      subscriptions: [
        { events: 'posts#create', rooms: 'discord', card: true },
        { events: 'posts#create', rooms: 'matrix', card: true, merge_reports: '1h' },
      ],
    };
    const config = join(directory, 'config.yaml');
    const leaps = join(directory, 'leaps');
    const store = join(directory, 'lookout.db');
    await writeFile(config, JSON.stringify(configuration), { mode: 0o600 });
    await writeFile(leaps, '0');
    const epoch = Math.floor(Date.now() / 1_000) * 1_000;
    const said: string[] = [];
    const lookout = startLookoutProcess({
      ...{ directory, args: [config, String(epoch), leaps], env: () => ({}) },
      onLine: (line) => said.push(line),
    });
    stops.push(() => lookout.end('SIGKILL'));
    const describe = () => said.slice(-10);
    const subscribed = () =>
      waitUntil('Lookout subscribed', async () => ((await rails.health()).subscriptions === 1 ? true : undefined), {
        ...{ timeoutMs: PATIENCE_MS, describe },
      });
    const untilSecond = (second: number) =>
      waitUntil(`second ${second}`, () => (fastTime(epoch, Date.now()) > epoch + second * 1_000 ? true : undefined), {
        timeoutMs: 90_000,
      });

    await subscribed();
    const { heard, missed, ghost } = hardLives(epoch / 1_000);
    for (const event of heard) {
      if (event.object.id !== ghost) apply(api, event);
      await rails.emit([event]);
      await new Promise((resolve) => setTimeout(resolve, eventEveryMs));
    }
    await untilSecond(gapSeconds.from);
    const isDrawn = (text: string, timeoutMs: number) =>
      waitUntil(
        text,
        () =>
          isQuiet(store) && isComplete(store) && cardsOnDiscord(discord, channel).join().includes(text)
            ? true
            : undefined,
        { timeoutMs, everyMs: 100, describe },
      );
    await isDrawn('not on metasmoke', 30_000);
    await lookout.kill(0, async () => {
      for (const event of missed) apply(api, event);
      await untilSecond(gapSeconds.to);
    });
    await subscribed();
    await isDrawn('Reported in the gap', 60_000);
    const withoutDates = (text: string) => text.replaceAll(/reported \d{4}-[^"\n]*/g, 'reported <date>');
    const onDiscord = cardsOnDiscord(discord, channel).map(withoutDates).toSorted();
    const onMatrix = cardsOnMatrix(await matrix.reader.messages(matrix.rooms.looks))
      .map(withoutDates)
      .toSorted();
    // Three posts were reported twice.
    expect(onDiscord).toHaveLength(13);
    expect(onMatrix).toHaveLength(10);
    await expect(`${onDiscord.join('\n\n')}\n`).toMatchFileSnapshot('golden/hard-lives-discord.txt');
    await expect(`${onMatrix.join('\n\n')}\n`).toMatchFileSnapshot('golden/hard-lives-matrix.txt');
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
});
