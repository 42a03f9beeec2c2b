import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { HubStartError } from '../../src/hub/hub-start-error.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { startTestHub } from './test-hub.ts';

async function failure(options: Parameters<typeof startTestHub>[0]): Promise<Error> {
  return startTestHub(options).then(
    () => new Error('it started'),
    (error: Error) => error,
  );
}

describe('starting', () => {
  it('listens only on loopback by default', async () => {
    const { hub } = await startTestHub();
    expect(hub.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/cable$/);
  });

  it('names the port and the remedy when another program uses it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const error = await failure({ port });
    other.close();
    expect(error).toBeInstanceOf(HubStartError);
    expect(error.message).toContain(`port ${port} of 127.0.0.1`);
    expect(error.message).toContain('choose another port');
    expect(error.cause).toMatchObject({ code: 'EADDRINUSE' });
  });

  it('names a host that this machine does not have', async () => {
    const error = await failure({ host: '192.0.2.1' });
    expect(error).toBeInstanceOf(HubStartError);
    expect(error.message).toContain('no such address');
  });

  it('rejects an empty key and names its origin', async () => {
    const error = await failure({ keys: [new Secret('', 'config.yaml:3:8')] });
    expect(error).toBeInstanceOf(HubStartError);
    expect(error.message).toContain('config.yaml:3:8');
  });
});
