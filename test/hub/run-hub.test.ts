import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { startDemo } from '../../src/hub/demo.ts';
import { runHub } from '../../src/hub/run-hub.ts';
import { silentLog } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { createTestClock } from '../support/test-clock.ts';
import { connect, identify } from './cable-socket.ts';

async function run(options: { key?: Secret | null; demo?: boolean; legacy?: boolean } = {}) {
  const clock = createTestClock();
  let talk = '';
  const say = (text: string) => {
    talk += text;
  };
  const terminal = { err: say, styled: say, errIsTerminal: false, errColor: false };
  const hub = await runHub({ port: 0, key: null, demo: false, legacy: false, ...options, terminal, clock });
  onTestFinished(() => hub.stop());
  return { hub, clock, talk: () => talk };
}

describe('lookout hub', () => {
  it('generates a key, and prints once the lines to paste: into a configuration and into a shell', async () => {
    const { hub, talk } = await run();
    const yaml = talk().match(/^source:\n(?: {2}.*\n)+/m)![0];
    const { source } = parse(yaml);
    expect(source.url).toBe(hub.url);
    expect(source.key).toMatch(/^[\w-]{20,}$/);

    const client = await connect(source.url);
    expect(await client.subscribe(identify(source.key, 'announcements'))).toBe('confirm_subscription');
    const line = /^printf '(.*?)' "(.*?)" \| curl (\S+) -H @- \\\n {2}--data-binary '(.*)'$/m;
    const [, header, key, url, body] = talk().match(line)!;
    const [name, value] = header!.replace('%s', key!).split(': ') as [string, string];
    const response = await fetch(url!, { method: 'POST', headers: { [name]: value }, body: body! });
    expect(await response.json()).toEqual({ accepted: 1 });
    expect((await client.next()).json.message).toEqual(JSON.parse(body!));
    // `ps` shows the arguments of curl to every user, but not the input of the shell's own printf.
    expect(talk()).not.toMatch(/curl.*Bearer/);
  });

  it('generates another key each time', async () => {
    const keys = await Promise.all(
      [run(), run()].map(async (started) => (await started).talk().match(/key: "(.*)"/)![1]),
    );
    expect(keys[0]).not.toBe(keys[1]);
  });

  it('uses a given key, and does not show it', async () => {
    const { hub, talk } = await run({ key: new Secret('given-key', 'a test') });
    const client = await connect(hub.url);
    expect(await client.subscribe(identify('given-key', 'posts'))).toBe('confirm_subscription');
    expect(await client.subscribe(identify('given-kez', 'posts'))).toBe('reject_subscription');
    expect(talk()).not.toContain('given-key');
    expect(talk()).toContain('LOOKOUT_HUB_KEY');
  });

  it('serves a client that names no events with --legacy alone', async () => {
    const answers = [true, false].map(async (legacy) => {
      const { hub } = await run({ key: new Secret('k', 'a test'), legacy });
      return (await connect(hub.url)).subscribe('{"channel":"ApiChannel","key":"k"}');
    });
    expect(await Promise.all(answers)).toEqual(['confirm_subscription', 'reject_subscription']);
  });

  it('plays samples with --demo to any subscriber', async () => {
    const { hub, clock, talk } = await run({ key: new Secret('k', 'a test'), demo: true });
    expect(talk()).toContain('sample events');
    const client = await connect(hub.url);
    await client.subscribe(identify('k', 'posts'));
    await clock.advance(1_000);
    expect((await client.next()).json.message).toMatchObject({ event_class: 'Post', event_type: 'create' });
    await hub.stop();
    expect(clock.pending).toBe(0);
  });
});

describe('the demo', () => {
  it('is a hub with its own key that plays samples until it is stopped', async () => {
    const clock = createTestClock();
    const demo = await startDemo({ clock, log: silentLog, catalogue: createCatalogue() });
    const client = await connect(demo.url);
    await client.subscribe(identify(demo.key.reveal(), 'posts#create'));
    await clock.advance(1_000);
    expect((await client.next()).json.message).toMatchObject({ event_class: 'Post' });
    await demo.stop();
    expect(clock.pending).toBe(0);
  });
});
