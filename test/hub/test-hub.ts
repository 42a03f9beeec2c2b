import { onTestFinished } from 'vitest';
import type { Hub, HubOptions, WireEvent } from '../../src/hub/hub.ts';
import { startHub } from '../../src/hub/hub.ts';
import { createLog } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { createTestClock, type TestClock } from '../support/test-clock.ts';
import type { CableSocket } from './cable-socket.ts';
import { connect } from './cable-socket.ts';

/** A hub on a free port that stops when the test is over, even with connected clients. */
export interface TestHub {
  readonly hub: Hub;
  readonly clock: TestClock;
  readonly key: string;
  /** `http://127.0.0.1:PORT` */
  readonly http: string;
  /** The log's lines as JSON text, without any removal of secrets. */
  readonly logged: string[];
  connect(protocols?: string[]): Promise<CableSocket>;
}

export async function startTestHub(options: Partial<HubOptions> = {}): Promise<TestHub> {
  const clock = createTestClock();
  const key = 'k&y <of> the hub/1';
  const logged: string[] = [];
  const log = createLog({
    write: (line) => void logged.push(line),
    forPeople: false,
    color: false,
    level: 'debug',
    secrets: () => [],
  });
  const keys = [new Secret('another key', 'a test'), new Secret(key, 'a test')];
  const hub = await startHub({ port: 0, keys, clock, log, catalogue: createCatalogue(), ...options });
  onTestFinished(() => hub.stop());
  return {
    hub,
    clock,
    key,
    logged,
    http: hub.url.replace(/^ws/, 'http').replace(/\/cable$/, ''),
    connect: (protocols) => connect(hub.url, protocols),
  };
}

/** A small event of a class; `object` has at least its id. */
export function event(
  event_class: string,
  event_type: WireEvent['event_type'],
  object: WireEvent['object'],
): WireEvent {
  return { event_type, event_class, object };
}
