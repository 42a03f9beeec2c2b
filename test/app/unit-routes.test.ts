import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { unitRoutes } from '../../src/app/unit-routes.ts';
import type { WholeStatus } from '../../src/control/status.ts';
import { storeRooms } from '../../src/outbox/rows/rooms.ts';
import { insertMute } from '../../src/rooms/mute-rows.ts';
import { openStore } from '../../src/store/open-store.ts';
import { systemClock } from '../../src/time/clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'lookout-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('the status of all rooms asks for the facts of each account once, and shows the mutes of each room', async () => {
  const file = join(folder, 'lookout.db');
  const { db, close } = await openStore(file);
  const account = { platform: 'matrix', account: 'matrix/eu' };
  const rooms = await storeRooms(
    db,
    ['a', 'b', 'c'].map((name) => ({ name, address: `matrix:#${name}:a.org`, ...account })),
  );
  await db.transaction().execute((trx) =>
    insertMute(trx, {
      ...{ roomId: rooms[1]!.id, events: null, where: null, except: null, until: systemClock.now() + 60_000 },
      ...{ author: '@a:a.org', reason: null, now: systemClock.now() },
    }),
  );
  await close();
  const asked: string[] = [];
  const routes = unitRoutes(
    { config: { store: { kind: 'sqlite', file } }, clock: systemClock, version: '1' } as unknown as Parameters<
      typeof unitRoutes
    >[0],
    {
      ...{ units: [], reloader: null },
      config: () => ({ rooms: [] }) as unknown as ReturnType<Parameters<typeof unitRoutes>[1]['config']>,
      factsOf(unit) {
        asked.push(unit);
        return unit === 'leader' ? null : { user: '@bot:a.org', trouble: 'no login', refusals: {} };
      },
      fleetLines() {
        asked.push('lines');
        return [];
      },
    },
  );
  const status = routes.find(({ path }) => path === '/status')!;
  const answer = await status.handle({ query: new URLSearchParams(), body: null });
  const shown = (answer as unknown as { body: WholeStatus }).body.rooms;
  expect(shown.map(({ name, account: trouble, mutes }) => [name, trouble, mutes.length])).toEqual([
    ['a', 'no login', 0],
    ['b', 'no login', 1],
    ['c', 'no login', 0],
  ]);
  expect(asked.toSorted()).toEqual(['account:matrix/eu', 'leader', 'lines']);
});
