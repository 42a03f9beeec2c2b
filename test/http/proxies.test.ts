import { describe, expect, it } from 'vitest';
import { nameOf, readProxies } from '../../src/http/proxies.ts';

const both = { HTTPS_PROXY: 'http://secure.test:3128', HTTP_PROXY: 'http://plain.test' };

function proxyOf(url: string, environment: Readonly<Record<string, string>>): string | null {
  const proxy = readProxies(environment).proxies.proxyFor(new URL(url));
  return proxy === null ? null : nameOf(proxy);
}

describe('the proxy for an address', () => {
  it.each([
    ['https://discord.com/api', both, 'secure.test:3128'],
    ['wss://metasmoke.test/cable', both, 'secure.test:3128'],
    ['http://matrix.test:8008', both, 'plain.test:80'],
    ['ws://hub.test', both, 'plain.test:80'],
    ['https://discord.com', { HTTP_PROXY: 'http://plain.test' }, null],
    ['https://discord.com', { https_proxy: 'http://lower.test:1', HTTPS_PROXY: 'http://upper.test:1' }, 'lower.test:1'],
    ['https://discord.com', { https_proxy: '', HTTPS_PROXY: 'http://upper.test:1' }, 'upper.test:1'],
    ['https://discord.com', { HTTPS_PROXY: 'proxy.test:8080' }, 'proxy.test:8080'],
    ['https://discord.com', { HTTPS_PROXY: 'https://u:p@proxy.test' }, 'proxy.test:443'],
    ['https://discord.com', {}, null],
  ])('is read from the variables: %s with %o', (url, environment, expected) => {
    expect(proxyOf(url, environment)).toBe(expected);
  });

  it.each(['http://localhost:8008', 'ws://127.0.0.1:28080/cable', 'http://[::1]:8008', 'https://matrix.localhost'])(
    'is none for this machine: %s',
    (url) => {
      expect(proxyOf(url, both)).toBeNull();
    },
  );

  it.each([
    ['*', 'https://discord.com', true],
    ['discord.com', 'https://discord.com', true],
    ['discord.com', 'https://gateway.discord.com', true],
    ['.discord.com', 'https://gateway.discord.com', true],
    ['*.discord.com', 'https://gateway.discord.com', true],
    ['discord.com', 'https://notdiscord.com', false],
    ['Discord.COM', 'https://discord.com', true],
    ['a.test, discord.com', 'https://discord.com', true],
    ['a.test b.test', 'https://b.test', true],
    ['matrix.test:8448', 'https://matrix.test:8448', true],
    ['matrix.test:8448', 'https://matrix.test', false],
    ['matrix.test:443', 'wss://matrix.test', true],
    ['10.0.0.0/8', 'https://10.1.2.3', true],
    ['10.0.0.0/8', 'https://11.1.2.3', false],
    ['10.0.0.0/99', 'https://10.1.2.3', false],
    ['10.1.2.3', 'https://10.1.2.3', true],
    ['fd00::/8', 'https://[fd00::1]', true],
    ['[fd00::1]', 'https://[fd00::1]', true],
    ['fd00::1', 'https://[fd00::1]', true],
    ['', 'https://discord.com', false],
  ])('is none for what NO_PROXY=%s names: %s %s', (NO_PROXY, url, isDirect) => {
    expect(proxyOf(url, { ...both, NO_PROXY }) === null).toBe(isDirect);
    expect(proxyOf(url, { ...both, no_proxy: NO_PROXY }) === null).toBe(isDirect);
  });

  it.each(['socks5://proxy.test:1080', 'http://', 'ftp://proxy.test'])(
    'is refused if it is no HTTP proxy: %s',
    (HTTPS_PROXY) => {
      const { proxies, problems } = readProxies({ HTTPS_PROXY });
      expect(proxies.proxyFor(new URL('https://discord.com'))).toBeNull();
      expect(problems).toEqual([
        {
          wrong: 'HTTPS_PROXY in the environment is not an http:// or https:// proxy',
          right: 'write HTTPS_PROXY=http://proxy.example.org:3128, or unset it for Lookout',
        },
      ]);
    },
  );
});
