import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../../src/log.ts';
import { startTelegraph } from '../../../src/store/postgres/telegraph.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres/server.ts';
import { until } from '../../support/until.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

async function start(id: string) {
  const heard: string[] = [];
  let gaps = 0;
  const telegraph = startTelegraph({
    address: server.address('postgres'),
    id,
    onText: (text) => heard.push(text),
    onGap: () => gaps++,
    join: (texts) => [texts.join('+')],
    shorten: () => 'too long',
    lost: 'look',
    ...{ clock: systemClock, log: silentLog },
  });
  onTestFinished(() => telegraph.stop());
  await until(() => gaps > 0);
  return { telegraph, heard, gaps: () => gaps };
}

const connections = "select pid from pg_stat_activity where application_name = 'lookout signals'";

test('a text reaches every other process, and those of a moment are one', async () => {
  const [one, two, three] = await Promise.all(['a', 'b', 'c'].map(start));
  one!.telegraph.send('x');
  one!.telegraph.send('y');
  await until(() => two!.heard.length > 0 && three!.heard.length > 0);
  expect([one!.heard, two!.heard, three!.heard]).toEqual([[], ['x+y'], ['x+y']]);
});

test('a text that the server would refuse is sent as another one', async () => {
  const [one, two] = await Promise.all(['a', 'b'].map(start));
  one!.telegraph.send('é'.repeat(3_998));
  await until(() => two!.heard.length === 1);
  // With the id of the process and a space it has 8,000 bytes.
  one!.telegraph.send('é'.repeat(3_999));
  await until(() => two!.heard.length === 2);
  expect(two!.heard).toEqual(['é'.repeat(3_998), 'too long']);
});

test('after a lost connection everything may have changed, and texts arrive again', async () => {
  const [one, two] = await Promise.all(['a', 'b'].map(start));
  await server.run(`select pg_terminate_backend(pid) from (${connections}) as open`);
  await until(() => one!.gaps() === 2 && two!.gaps() === 2, { patienceMs: 20_000 });
  one!.telegraph.send('again');
  await until(() => two!.heard.includes('again'));
});

test('others look at everything if a text could not be sent, though their connections hold', async () => {
  const [one, two] = [await start('a'), await start('b')];
  // Those of the test before may still be there for a moment. The older one is that of the first process.
  await until(async () => (await server.run(connections)).length === 2);
  await server.run(`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'lookout signals' order by backend_start limit 1`);
  await until(async () => {
    one.telegraph.send('x');
    // It may be joined with others of its moment.
    return two.heard.some((text) => text.split('+').includes('look'));
  });
  expect([one.gaps(), two.gaps()]).toEqual([2, 1]);
});

test('a text before the first connection is not lost without a word', async () => {
  const two = await start('b');
  const one = startTelegraph({
    address: server.address('postgres'),
    id: 'a',
    onText: () => {},
    onGap: () => {},
    join: (texts) => texts,
    shorten: () => 'too long',
    lost: 'look',
    ...{ clock: systemClock, log: silentLog },
  });
  onTestFinished(() => one.stop());
  one.send('x');
  await until(() => two.heard.length > 0);
  expect(two.heard).toEqual(['look']);
});
