import { expect, it } from 'vitest';
import { createServiceManager } from '../../src/command-line/service-manager.ts';
import { createLog } from '../../src/log.ts';
import { createTestClock } from '../support/test-clock.ts';

function start(environment: Readonly<Record<string, string>>, fails = false) {
  const clock = createTestClock();
  const sent: string[] = [];
  const logged: string[] = [];
  const log = createLog({
    write: (line) => void logged.push(line),
    ...{ forPeople: false, color: false, level: 'info', secrets: () => [] },
  });
  const send = async (message: string) => {
    sent.push(message);
    if (fails) throw new Error('there is no systemd-notify');
  };
  return { clock, sent, logged, manager: createServiceManager({ environment, clock, log, send }) };
}

it('tells the service manager the start, signs of life twice in each period of the watchdog, and the end', async () => {
  const { clock, sent, manager } = start({ NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '60000000' });
  await clock.advance(120_000);
  expect(sent).toEqual([]);
  manager.ready();
  await clock.advance(29_999);
  expect(sent).toEqual(['READY=1']);
  await clock.advance(60_001);
  expect(sent).toEqual(['READY=1', 'WATCHDOG=1', 'WATCHDOG=1', 'WATCHDOG=1']);
  manager.stopping();
  await clock.advance(120_000);
  expect(sent.slice(4)).toEqual(['STOPPING=1']);
});

it('tells it no sign of life without a watchdog, and nothing without a service manager', async () => {
  const calm = start({ NOTIFY_SOCKET: '/run/notify' });
  calm.manager.ready();
  await calm.clock.advance(120_000);
  expect(calm.sent).toEqual(['READY=1']);
  const none = start({ WATCHDOG_USEC: '60000000' });
  none.manager.ready();
  await none.clock.advance(120_000);
  none.manager.stopping();
  expect(none.sent).toEqual([]);
});

it('logs once that it cannot report, and keeps trying', async () => {
  const { clock, sent, logged, manager } = start({ NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '60000000' }, true);
  manager.ready();
  await clock.advance(90_000);
  expect(sent).toHaveLength(4);
  expect(logged).toEqual([expect.stringContaining('could not report to the service manager')]);
});
