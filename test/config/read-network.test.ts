import { describe, expect, it } from 'vitest';
import { ownCa } from '../http/own-ca.ts';
import { good, read } from './config-files.ts';

describe('ca_file', () => {
  it('adds the CAs of a file to those that are trusted', () => {
    const { config, said } = read(`ca_file: ca.pem\n${good}`, { files: { 'ca.pem': ownCa.ca } });
    expect(said).toEqual([]);
    expect(config?.network.secureContext).not.toBeNull();
    expect(read(good).config?.network.secureContext).toBeNull();
  });

  it.each([
    ['there is no certificate in it', 'name a PEM file, which has "BEGIN CERTIFICATE" in it', 'der or nothing'],
    [
      'its certificate 2 is damaged',
      'copy the file anew from where it came',
      `${ownCa.ca}\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----`,
    ],
  ])('says that %s', (wrong, right, content) => {
    const { config, said } = read(`ca_file: ca.pem\n${good}`, { files: { 'ca.pem': content } });
    expect(config).toBeNull();
    expect(said).toEqual([`1:10: ca.pem: ${wrong}: ${right}`]);
  });

  it('says that there is no such file', () => {
    expect(read(`ca_file: nope.pem\n${good}`).said).toEqual([
      '1:10: nope.pem: the file does not exist: check the path',
    ]);
  });
});

describe('a proxy in the environment', () => {
  it('holds, and its password is a secret', () => {
    const environment = { HTTPS_PROXY: 'http://bot:pa55w0rd%21@proxy.test:3128' };
    const { config } = read(good, { environment });
    const proxy = config?.network.proxies.proxyFor(new URL('https://discord.com'));
    expect(proxy).toMatchObject({ from: 'HTTPS_PROXY' });
    expect(config?.secrets.map((secret) => secret.reveal())).toEqual(['pa55w0rd!']);
  });

  it('is refused if it is not one', () => {
    const { config, said } = read(good, { environment: { https_proxy: 'socks5://proxy.test:1080' } });
    expect(config).toBeNull();
    expect(said).toEqual([
      '1:1: HTTPS_PROXY in the environment is not an http:// or https:// proxy: write HTTPS_PROXY=http://proxy.example.org:3128, or unset it for Lookout',
    ]);
  });
});
