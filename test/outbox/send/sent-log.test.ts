import { afterEach, expect, it } from 'vitest';
import { terminalPlatform } from '../../../src/adapters/terminal-platform.ts';
import type { LogFields } from '../../../src/log.ts';
import { anEvent } from '../../support/events.ts';
import { createOutboxRig, type OutboxRig, type RigOptions } from '../../support/outbox-rig.ts';
import { createScriptedAdapter } from '../../support/scripted-adapter.ts';

let rig: OutboxRig;
afterEach(() => rig.stop());

/** Starts a room; `sent` is the lines about what went out, with their levels. */
async function start(options: RigOptions = {}) {
  const lines: { text: string; fields: LogFields }[] = [];
  const at = (level: string) => (fields: LogFields, text: string) =>
    void lines.push({ text: `${level} ${text}`, fields });
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  rig = await createOutboxRig({ sentLevel: 'info', log, ...options });
  return { sent: () => lines.filter(({ text }) => / sent/.test(text)) };
}

it('has one line for a message, with its room, its subject and how late it is', async () => {
  const { sent } = await start();
  rig.adapter.answers.push({ outcome: 'notAccepted', scope: 'room', waitMs: 12_000, reason: 'slow down' });
  await rig.deliver(anEvent({ id: 7 }));
  await rig.clock.advance(13_000);
  expect(sent().map(({ text }) => text)).toEqual(['info a: post:7 sent 12 s after it came']);
  expect(sent()[0]?.fields).toMatchObject({ room: 'a', subject: 'post:7', lateMs: 12_000, events: ['e1'] });
});

it('has it once for a message whose first answer was not clear', async () => {
  const { sent } = await start();
  rig.adapter.answers.push({ outcome: 'unknown', waitMs: 1_000, reason: '502' });
  await rig.deliver(anEvent({ id: 7 }));
  await rig.clock.advance(5_000);
  expect(sent().map(({ text }) => text)).toEqual(['info a: post:7 sent 1 s after it came']);
});

it('has one for each of several messages that are stored together', async () => {
  const { sent } = await start();
  rig.adapter.answers.push({ outcome: 'notAccepted', scope: 'room', waitMs: 1_000, reason: 'slow down' });
  for (const id of [1, 2, 3]) await rig.deliver(anEvent({ id }));
  await rig.clock.advance(10_000);
  expect(sent()).toHaveLength(rig.adapter.requests.length - 1);
});

it('has one for the message that a wave is merged into', async () => {
  const { sent } = await start({ waves: { digestAbove: 6 } });
  rig.adapter.answers.push({ outcome: 'notAccepted', scope: 'room', waitMs: 1_000, reason: 'slow down' });
  for (let id = 1; id <= 20; id++) await rig.deliver(anEvent({ id }));
  await rig.clock.advance(30_000);
  expect(sent().map(({ text }) => text)).toEqual(['info a: 20 events (post:1, …) sent 1 s after the first came']);
});

it('has it at debug where the log is for programs, and for a room that the terminal shows', async () => {
  const first = await start({ sentLevel: 'debug' });
  await rig.deliver(anEvent({ id: 7 }));
  expect(first.sent().map(({ text }) => text)).toEqual(['debug a: post:7 sent 0 s after it came']);
  await rig.stop();
  const { sent } = await start({
    adapter: { ...createScriptedAdapter(), platform: terminalPlatform },
    rooms: ['console:a'],
  });
  await rig.deliver(anEvent({ id: 7 }), ['console:a']);
  expect(sent().map(({ text }) => text)).toEqual(['debug a: post:7 sent 0 s after it came']);
});
