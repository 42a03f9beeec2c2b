import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAddress } from '../../config/address.ts';
import { allKeys } from '../../config/all-keys.ts';
import { type Loaded, loadConfig } from '../../config/load-config.ts';
import { metasmoke } from '../../metasmoke/metasmoke.ts';
import type { Platform } from '../platform.ts';
import { platforms as ours } from '../platforms.ts';
import { partsForTests } from './parts-for-tests.ts';
import type { Runner } from './runner.ts';

export interface PlatformCase {
  /** A block that sets it up, in YAML; null: an empty one does. */
  readonly settings: string | null;
  readonly environment: Readonly<Record<string, string>>;
  /** Somebody to be pinged, as it is written; null: no one can be. */
  readonly mention: string | null;
  /** A link to a message, and the message's id; null: it has no links. */
  readonly message: readonly [link: string, id: string] | null;
}

/**
 * Tests the value that a platform's folder or package exports. `all`: the platforms among which it must be told apart, itself
 * included.
 */
export function platformContract(
  { describe, it, expect }: Runner,
  platform: Platform,
  one: PlatformCase,
  all: readonly Platform[] = [...ours, platform],
): void {
  const { name, address, settings } = platform;
  const { environment } = one;
  const load = () => {
    const rest = 'source: { url: demo }\nstore: memory\nsubscriptions: [{ events: posts, rooms: "console:x" }]\n';
    return read(`chats: { ${name}: ${one.settings ?? ''} }\n${rest}`, environment, all);
  };

  describe(`the platform ${name}`, () => {
    it('has a name of its own, a lower-case word', () => {
      expect(name).toMatch(/^[a-z]+$/);
      expect(all.filter((other) => other.name === name)).toEqual([platform]);
    });

    it('reads its example of an address, and no other platform does', () => {
      const whole = { outcome: 'address', address: address.example, platform: name };
      expect(parseAddress(address.example, all)).toEqual(whole);
      expect(address.forms.filter((form) => !form.startsWith(`${name}:`))).toEqual([]);
    });

    it('leads from an address without its name to the whole address, or leaves it alone', () => {
      const bare = address.example.slice(name.length + 1);
      const remedy = address.explain(bare);
      const claiming = all.filter((other) => other.address.explain(bare) !== null);
      expect(claiming).toEqual(remedy === null ? [] : [platform]);
      if (remedy !== null) expect(remedy.right).toContain(address.example);
    });

    it('explains what is wrong with any other text in place of an address', () => {
      for (const text of ['', ' ', '\0', '#', '@', '!', '🤷', 'x y'.repeat(5_000), '%', 'https://[', 'a b'])
        expect(address.read(text)).toMatchObject({ outcome: 'problem', wrong: /./, right: /./ });
    });

    it('describes each of its keys in a few words', () => {
      const kind = { is: 'block', keys: settings.keys, may: new Set<never>() } as const;
      const block = {
        kind,
        says: '',
        isRequired: false,
        byDefault: null,
        without: null,
        example: null,
        read: () => null,
      };
      for (const { key } of allKeys(block)) expect(key.says).toMatch(/^.{5,130}[^.]$/);
    });

    it('is set up by its settings, of which the summary shows no secret', () => {
      const { config, problems } = load();
      expect(problems).toEqual([]);
      const shown = JSON.stringify(settings.summary(config?.chats[name] ?? {}));
      expect(Object.values(environment).filter((secret) => shown.includes(secret))).toEqual([]);
    });

    it('reads a mention and a link to a message, and takes no other text for one', () => {
      expect(one.mention === null ? platform.mention : platform.mention?.parse(one.mention)).toEqual(
        one.mention === null ? null : { kind: 'user', id: expect.any(String) },
      );
      if (one.message !== null) expect(platform.messageId(one.message[0])).toBe(one.message[1]);
      const link = one.message === null ? null : platform.messageLink('#a:a.org', one.message[1]);
      if (link !== null) expect(platform.messageId(link)).toBe(one.message?.[1]);
      for (const text of ['', 'everyone', '@', 'post:123', 'https://metasmoke.erwaysoftware.com/post/123']) {
        expect(platform.mention?.parse(text) ?? null).toBeNull();
        expect(platform.messageId(text)).toBeNull();
      }
    });

    it('makes an adapter of its name, which needs nothing before its login', async () => {
      const adapter = await platform.createAdapter(load().config?.chats[name] ?? {}, partsForTests);
      expect(adapter.platform).toBe(name);
      await adapter.stop();
    });
  });
}

/** Loads a text as a configuration file of its own, which is gone afterwards. */
function read(text: string, environment: PlatformCase['environment'], platforms: readonly Platform[]): Loaded {
  const folder = mkdtempSync(join(tmpdir(), 'lookout-platform-'));
  try {
    const file = join(folder, 'config.yaml');
    writeFileSync(file, text, { mode: 0o600 });
    const loadPlatform = () => ({ outcome: 'problem', wrong: 'no other is loaded here', right: '' }) as const;
    return loadConfig(file, environment, { platforms, inputs: [metasmoke], loadPlatform });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
