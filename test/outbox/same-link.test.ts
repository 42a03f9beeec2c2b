import { afterEach, expect, it } from 'vitest';
import { anEvent } from '../support/events.ts';
import { createOutboxRig, type OutboxRig } from '../support/outbox-rig.ts';

let rig: OutboxRig;
afterEach(() => rig.stop());

const report = (id: number, link: string) =>
  anEvent({ id, subject: `post:${id}`, receivedAt: rig.clock.now(), object: { id, link } });

it('two reports of one link within the time are one message', async () => {
  rig = await createOutboxRig({ options: { merge_reports: 600_000 } });
  await rig.deliver(report(1, '//stackoverflow.com/a/1'));
  await rig.deliver(report(2, '//stackoverflow.com/a/1'));
  await rig.deliver(report(3, '//stackoverflow.com/a/3'));
  expect(rig.shown()).toEqual(['posts#create 1', 'posts#create 3']);
  expect(await rig.deliveries()).toEqual(['sent', 'cancelled: the same post was reported as post:1 before', 'sent']);
  await rig.clock.advance(700_000);
  await rig.deliver(report(4, '//stackoverflow.com/a/1'));
  expect(rig.shown()).toHaveLength(3);
});

it('a room that was not told of the first is told of the second', async () => {
  rig = await createOutboxRig({ options: { merge_reports: 600_000 } });
  await rig.deliver(report(1, '//stackoverflow.com/a/1'), ['matrix:!b']);
  await rig.deliver(report(2, '//stackoverflow.com/a/1'), ['matrix:!a', 'matrix:!b']);
  expect(rig.shown('!a')).toEqual(['posts#create 2']);
  expect(rig.shown('!b')).toEqual(['posts#create 1']);
});

it('without the option each report is a message', async () => {
  rig = await createOutboxRig();
  await rig.deliver(report(1, '//stackoverflow.com/a/1'));
  await rig.deliver(report(2, '//stackoverflow.com/a/1'));
  expect(rig.shown()).toHaveLength(2);
});
