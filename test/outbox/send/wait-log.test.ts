import { afterEach, describe, expect, it } from 'vitest';
import type { SendResult } from '../../../src/adapters/adapter.ts';
import { type Log, silentLog } from '../../../src/log.ts';
import { anEvent } from '../../support/events.ts';
import { createOutboxRig, type OutboxRig } from '../../support/outbox-rig.ts';
import { createScriptedAdapter, type ScriptedAdapter } from '../../support/scripted-adapter.ts';

let rig: OutboxRig;
let said: string[];
afterEach(() => rig.stop());

const minute = 60_000;

/** Room a, and what an operator reads of it. */
async function start(adapter: ScriptedAdapter = createScriptedAdapter()): Promise<void> {
  said = [];
  const note = (level: keyof Log) => (_fields: unknown, text: string) => {
    if (text.includes('room a')) said.push(`${level}: ${text}`);
  };
  const log = { ...silentLog, info: note('info'), warn: note('warn'), error: note('error') };
  rig = await createOutboxRig({ adapter, log });
}

describe('the log of a room', () => {
  it('has one line when it begins to wait and one when it goes on, whatever is tried meanwhile', async () => {
    await start();
    const refused: SendResult = { outcome: 'notAccepted', scope: 'room', waitMs: 5_000, reason: 'ECONNREFUSED' };
    rig.adapter.answerTo = () => refused;
    for (let id = 1; id <= 12; id++) await rig.deliver(anEvent({ id }));
    await rig.clock.advance(3 * minute);
    expect(rig.adapter.requests.length).toBeGreaterThan(30);
    expect(said).toEqual(['warn: room a: waiting: ECONNREFUSED; 1 delivery waits, nothing is lost']);
    rig.adapter.answerTo = () => null;
    await rig.clock.advance(5_000);
    expect(said.slice(1)).toEqual(['info: room a: going on after 3 min 5 s; 11 deliveries wait']);
  });

  it('has a line every five minutes of an outage', async () => {
    await start();
    rig.adapter.answerTo = () => ({ outcome: 'unknown', waitMs: 0, reason: '502' });
    await rig.deliver(anEvent({ id: 1 }));
    await rig.deliver(anEvent({ id: 2 }));
    await rig.clock.advance(16 * minute);
    expect(said).toHaveLength(4);
    expect(said[0]).toBe('warn: room a: waiting: no clear answer: 502; 1 delivery waits, nothing is lost');
    expect(said[1]).toMatch(
      /^warn: room a: still waiting after \d min( \d+ s)?: no clear answer: 502; 2 deliveries wait, nothing is lost$/,
    );
  });

  it('has two lines in five minutes if a rate limit stops every other send', async () => {
    await start();
    let n = 0;
    const limited: SendResult = { outcome: 'notAccepted', scope: 'account', waitMs: 5_000, reason: '429' };
    rig.adapter.answerTo = () => (n++ % 2 === 0 ? limited : null);
    for (let id = 1; id <= 110; id++) await rig.deliver(anEvent({ id }));
    await rig.clock.advance(9 * minute + 50_000);
    expect(rig.shown()).toHaveLength(110);
    expect(
      said.map((line) =>
        line.replace(/\d+ (s|delivery waits|deliveries wait)\b/g, (_, what) => (what === 's' ? 'N s' : 'N wait')),
      ),
    ).toEqual([
      'warn: room a: waiting: 429; N wait, nothing is lost',
      'info: room a: going on after N s; N wait',
      'warn: room a: waiting: 429; N wait, nothing is lost',
      'info: room a: going on after N s; N wait',
    ]);
  });

  it('names another trouble at once', async () => {
    await start();
    rig.adapter.answers.push(
      { outcome: 'notAccepted', scope: 'account', waitMs: 5_000, reason: '429' },
      { outcome: 'unknown', waitMs: 0, reason: '502' },
    );
    await rig.deliver(anEvent({ id: 1 }));
    await rig.clock.advance(minute);
    expect(said).toHaveLength(3);
    expect(said[1]).toContain('still waiting after 5 s: no clear answer: 502');
  });

  it('reports a room that cannot be checked in the same way', async () => {
    const adapter = createScriptedAdapter();
    const later = { outcome: 'later', waitMs: 5_000, reason: 'ECONNREFUSED' } as const;
    for (let n = 0; n < 40; n++) adapter.resolves.push(later);
    await start(adapter);
    await rig.clock.advance(3 * minute);
    expect(said).toEqual([
      'warn: room a: waiting: it cannot be checked: ECONNREFUSED; nothing waits, nothing is lost',
      expect.stringMatching(/^info: room a: going on after 1 min \d+ s; nothing waits$/),
    ]);
  });
});
