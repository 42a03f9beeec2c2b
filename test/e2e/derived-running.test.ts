import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CableClient, type CableServer, startCableServer } from '../support/cable-server.ts';
import { type LookoutProcess, startLookout } from '../support/lookout-process.ts';

let folder: string;
let cable: CableServer;
let lookout: LookoutProcess;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-derived-'));
  cable = await startCableServer();
  const configuration = {
    source: { url: cable.url, key: 'k' },
    store: 'sqlite:lookout.db',
    rooms: { here: 'console:here' },
    derived: { lost_after: '1s' },
    subscriptions: [
      { events: 'posts#deleted', where: 'object.deleted_after < 3600 && object.user_reputation < 10', rooms: 'here' },
      { events: 'posts#confirmed,disputed;source', rooms: 'here' },
    ],
  };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(configuration), { mode: 0o600 });
  lookout = startLookout({ config: 'config.yaml', directory: folder, env: {} });
});
afterEach(async () => {
  await lookout.kill();
  await cable.stop();
  rmSync(folder, { recursive: true });
});

const now = () => new Date().toISOString();
async function subscribed(): Promise<CableClient> {
  const client = await cable.client();
  await client.subscribed();
  return client;
}
const shown = (text: string) => lookout.said.filter((line) => line.includes(text)).length;
const untilShown = (text: string) => lookout.waitForLog(() => shown(text) > 0, text);

it('derived events arrive in the rooms once, across kills and repetitions', async () => {
  const reportedAt = now();
  const row = { id: 1, title: 'Buy now', user_reputation: 1, created_at: reportedAt, updated_at: reportedAt };
  const tell = (client: CableClient, event_class: string, object: object) =>
    client.message({ event_type: 'create', event_class, object: { created_at: reportedAt, ...object } });
  const all = (client: CableClient) => {
    tell(client, 'Post', row);
    tell(client, 'Feedback', { id: 1, post_id: 1, feedback_type: 'tp', updated_at: reportedAt });
    tell(client, 'DeletionLog', { id: 1, post_id: 1, is_deleted: true, updated_at: reportedAt });
  };
  let client = await subscribed();
  const { events } = JSON.parse(client.identifier) as { events: string };
  expect(events).toBe(
    'deletion_logs#create,update,destroy;feedbacks#create,update,destroy;posts#create,update,destroy',
  );
  all(client);
  await lookout.waitForLog(() => shown('Deleted') > 0, 'the deletion');
  await lookout.kill();
  lookout.start();
  client = await subscribed();
  all(client);
  tell(client, 'Feedback', { id: 2, post_id: 1, feedback_type: 'fp', updated_at: now() });
  await untilShown('Disputed (1 tp, 1 fp): Buy now');
  expect([shown('Confirmed'), shown('Deleted'), shown('Disputed')]).toEqual([1, 1, 1]);

  await cable.hangUp();
  await untilShown('No connection to metasmoke');
  await cable.listen();
  await untilShown('Connected to metasmoke again');
});
