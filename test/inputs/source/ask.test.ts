import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/secrets/secret.ts';
import { until } from '../../support/until.ts';
import { expectRecovery, listenTo, nextClient, readable, serverOf, subscribed } from './hearing.ts';

const identifierOf = (events: string, text: string): string => {
  const { identifier } = JSON.parse(text) as { identifier: string };
  expect(identifier).toContain(`"events":"${events}"`);
  return identifier;
};
const commandOf = (text: string | undefined) => (JSON.parse(text ?? '{}') as { command: string }).command;
const messageFor = (identifier: string, message: unknown) => JSON.stringify({ identifier, message });
const confirmed = (identifier: string) => JSON.stringify({ identifier, type: 'confirm_subscription' });

/** A source that requested other events, and the server's view of it. The server answers further subscribes by hand. */
async function asking(events = 'flag_logs#create') {
  const { server, hearing, client } = await subscribed();
  const first = client.identifier;
  server.behave({ answer: 'nothing' });
  client.manual();
  hearing.source.ask(events);
  await client.sent(2);
  return { server, hearing, client, first, second: identifierOf(events, client.received[1]!) };
}

describe('a source that requests other events', () => {
  it('receives the old events until the new ones are confirmed, and then only the new ones', async () => {
    const { server, hearing, client, first, second } = await asking();
    expect(commandOf(client.received[1])).toBe('subscribe');
    client.raw(messageFor(first, 'old'));
    await hearing.until(() => hearing.messages.length === 1);
    client.raw(confirmed(second));
    await client.sent(3);
    expect(commandOf(client.received[2])).toBe('unsubscribe');
    expect(JSON.parse(client.received[2]!)).toMatchObject({ identifier: first });
    client.raw(messageFor(second, 'new'));
    await hearing.until(() => hearing.messages.length === 2);
    expect(hearing.messages).toEqual(['old', 'new']);
    expect(hearing.gaps).toEqual([]);
    expect(server.connections).toBe(1);
  });

  it('receives both in between', async () => {
    const { hearing, client, first, second } = await asking();
    client.raw(messageFor(second, 'early'));
    client.raw(messageFor(first, 'late'));
    await hearing.until(() => hearing.messages.length === 2);
    expect(hearing.messages).toEqual(['early', 'late']);
  });

  it('keeps receiving the old events if the new ones are not confirmed, and retries', async () => {
    const { hearing, client, first, second } = await asking();
    await hearing.clock.advance(6_000);
    client.raw(messageFor(first, 'sign of life'));
    await hearing.until(() => hearing.messages.length === 1);
    await hearing.clock.advance(4_000);
    await client.sent(3);
    expect(JSON.parse(client.received[2]!)).toMatchObject({ command: 'unsubscribe', identifier: second });
    client.raw(messageFor(first, 'old'));
    await hearing.until(() => hearing.messages.length === 2);
    expect(readable(hearing).at(-1)).toContain('no confirmation within 10 s');
    for (let seen = 3; seen < 8; seen++) {
      await hearing.clock.advance(6_000);
      client.raw(messageFor(first, 'sign of life'));
      await hearing.until(() => hearing.messages.length === seen);
    }
    await client.sent(4);
    expect(JSON.parse(client.received[3]!)).toMatchObject({ command: 'subscribe', identifier: second });
    expect(hearing.gaps).toEqual([]);
  });

  it('reads a key in a file again when they are rejected, and requests them with it at once', async () => {
    let content = 'old-key-of-the-file';
    const fileKey = new Secret(content, 'config.yaml:3:8', { name: 'smoke.key', read: () => content });
    const server = await serverOf();
    const hearing = listenTo(server.url, { key: fileKey });
    const client = await nextClient(server);
    await hearing.untilState('subscribed');
    client.manual();
    hearing.source.ask('flag_logs#create');
    await client.sent(2);
    content = 'new-key-of-the-file';
    const second = identifierOf('flag_logs#create', client.received[1]!);
    client.raw(JSON.stringify({ identifier: second, type: 'reject_subscription' }));
    await until(() => client.received.some((text) => text.includes('new-key-of-the-file')));
    expect(readable(hearing).at(-1)).toContain('there is another one by now');
    expect(server.connections).toBe(1);
  });

  it('keeps receiving the old events if the new ones are rejected', async () => {
    const { hearing, client, second } = await asking();
    client.raw(JSON.stringify({ identifier: second, type: 'reject_subscription' }));
    await hearing.until(() => readable(hearing).some((line) => line.includes('it was rejected')));
    expect(hearing.source.state).toEqual({ state: 'subscribed' });
  });

  it('uses the last of several requests', async () => {
    const { hearing, client, first } = await asking('flag_logs#create');
    hearing.source.ask('feedbacks#create');
    await client.sent(4);
    expect(client.received.slice(1).map(commandOf)).toEqual(['subscribe', 'unsubscribe', 'subscribe']);
    const third = identifierOf('feedbacks#create', client.received[3]!);
    client.raw(confirmed(third));
    await client.sent(5);
    expect(JSON.parse(client.received[4]!)).toMatchObject({ command: 'unsubscribe', identifier: first });
  });

  it('requests the newest events after the connection was lost', async () => {
    const { server, hearing, client } = await asking();
    client.kill();
    await hearing.untilState('lost');
    await expectRecovery(hearing, server);
    expect(hearing.source.state).toEqual({ state: 'subscribed' });
  });

  it('requests the events that were set while it connected', async () => {
    const server = await serverOf({ answer: 'nothing' });
    const hearing = listenTo(server.url);
    const client = await nextClient(server);
    hearing.source.ask('flag_logs#create');
    client.manual();
    client.raw(confirmed(client.identifier));
    await client.sent(2);
    identifierOf('flag_logs#create', client.received[1]!);
  });

  it('disconnects when there are no events to request, and connects when there are some again', async () => {
    const { server, hearing, client } = await subscribed();
    hearing.source.ask('');
    await client.gone();
    expect(hearing.source.state).toEqual({ state: 'idle' });
    hearing.source.ask('posts#create');
    const again = await nextClient(server);
    await hearing.untilState('subscribed');
    identifierOf('posts#create', again.received[0]!);
    expect(hearing.gaps).toEqual([]);
  });
});
