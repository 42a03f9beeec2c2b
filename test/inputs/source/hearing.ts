import { inspect } from 'node:util';
import { expect, onTestFinished } from 'vitest';
import { directNetwork } from '../../../src/http/network.ts';
import { createCableSource } from '../../../src/inputs/source/cable-source.ts';
import type { Source, SourceOptions, SourceState } from '../../../src/inputs/source/source.ts';
import type { Log } from '../../../src/log.ts';
import { Secret } from '../../../src/secrets/secret.ts';
import { type Behaviour, type CableClient, type CableServer, startCableServer } from '../../support/cable-server.ts';
import { createTestClock, type TestClock } from '../../support/test-clock.ts';

export interface LogLine {
  readonly level: keyof Log;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A source under test and all of its callbacks. */
export interface Hearing {
  readonly source: Source;
  readonly clock: TestClock;
  readonly states: readonly SourceState[];
  readonly messages: readonly unknown[];
  readonly gaps: readonly { from: number; reason: string }[];
  readonly log: readonly LogLine[];
  /** Resolves as soon as `holds` is true; checks again after each callback. */
  until(holds: () => boolean): Promise<void>;
  /** Resolves as soon as the source is in this state. */
  untilState(state: SourceState['state']): Promise<void>;
}

export const key = new Secret('k3y-d0-n0t-sh0w-51', 'config.yaml:3:8, METASMOKE_KEY');

/** A misbehaving server for this test, stopped at its end. */
export async function serverOf(behaviour: Behaviour = {}): Promise<CableServer> {
  const server = await startCableServer(behaviour);
  onTestFinished(() => server.stop());
  return server;
}

/**
 * Starts a source whose clock stands still. It is stopped at the end of the test, when no callback may have contained
 * the key.
 */
export function listenTo(url: string, options: Partial<SourceOptions> = {}): Hearing {
  const hearing = prepare(url, options);
  hearing.source.start();
  return hearing;
}

/** Creates the same without starting it. */
export function prepare(url: string, options: Partial<SourceOptions> = {}): Hearing {
  const clock = createTestClock();
  const states: SourceState[] = [];
  const messages: unknown[] = [];
  const gaps: { from: number; reason: string }[] = [];
  const lines: LogLine[] = [];
  const waiting = new Set<{ holds: () => boolean; done: () => void }>();
  const told = () => {
    for (const wait of waiting) {
      if (!wait.holds()) continue;
      waiting.delete(wait);
      wait.done();
    }
  };
  const note = (level: keyof Log) => (fields: Readonly<Record<string, unknown>>, text: string) => {
    lines.push({ level, text, fields });
    told();
  };
  const source = createCableSource({
    name: 'metasmoke',
    url,
    key,
    network: directNetwork,
    events: 'posts#create;feedbacks',
    payloadLimitBytes: 64 * 1024,
    clock,
    log: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') },
    random: () => 0,
    ...options,
    onMessage: (message) => {
      messages.push(message);
      told();
      options.onMessage?.(message);
    },
    onState: (state) => {
      states.push(state);
      told();
      options.onState?.(state);
    },
    onGap: (gap) => {
      gaps.push(gap);
      told();
      options.onGap?.(gap);
    },
  });
  const until = (holds: () => boolean) =>
    new Promise<void>((done) => {
      if (holds()) done();
      else waiting.add({ holds, done });
    });

  onTestFinished(async () => {
    await source.stop();
    expect(clock.pending, 'timers left').toBe(0);
    const all = `${JSON.stringify([states, gaps, lines])}${inspect([states, gaps, lines, source], { depth: 20 })}`;
    expect(all).not.toContain(key.reveal());
    expect(all).not.toContain(key.reveal().slice(0, 8));
  });
  return {
    source,
    clock,
    states,
    messages,
    gaps,
    log: lines,
    until,
    untilState: (state) => until(() => source.state.state === state),
  };
}

/** Returns the log lines for operators, without those for developers. */
export function readable(hearing: Hearing): string[] {
  return hearing.log.filter((line) => line.level !== 'debug').map((line) => `${line.level}: ${line.text}`);
}

/** Returns the server's next client, once it has subscribed. */
export async function nextClient(server: CableServer): Promise<CableClient> {
  const client = await server.client();
  await client.subscribed();
  return client;
}

/** Returns a subscribed source and its client at the server. */
export async function subscribed(options: Partial<SourceOptions> = {}) {
  const server = await serverOf();
  const hearing = listenTo(server.url, options);
  const client = await nextClient(server);
  await hearing.untilState('subscribed');
  return { server, hearing, client };
}

/**
 * Makes the server behave, lets the pending delay pass, and proves with a message that the source receives events
 * again.
 */
export async function expectRecovery(hearing: Hearing, server: CableServer, waitMs = 500): Promise<void> {
  server.behave({});
  const before = server.connections;
  await hearing.clock.advance(waitMs - 1);
  expect(server.connections, 'no attempt before its time').toBe(before);
  await hearing.clock.advance(1);
  const client = await nextClient(server);
  await hearing.untilState('subscribed');
  client.message({ again: true });
  await hearing.until(() => hearing.messages.some((m) => JSON.stringify(m) === '{"again":true}'));
  expect(hearing.gaps.length).toBeGreaterThan(0);
}
