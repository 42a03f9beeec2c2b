import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/secrets/secret.ts';
import { withoutSecrets } from '../../src/secrets/without-secrets.ts';

describe('a secret that changes', () => {
  it('is hidden in its new and its earlier values, and in one that is not in use yet', () => {
    const secret = new Secret('first-value', 'the test');
    expect(withoutSecrets('first-value second-value', [secret])).toBe('[secret] second-value');
    secret.renew('second-value');
    secret.hide('third-value');
    expect(secret.reveal()).toBe('second-value');
    expect(withoutSecrets('first-value second-value third-value', [secret])).toBe('[secret] [secret] [secret]');
    const encoded = Buffer.from('Bearer third-value').toString('base64');
    expect(withoutSecrets(encoded, [secret])).not.toBe(encoded);
  });

  it('keeps no more than a few earlier values', () => {
    const secret = new Secret('value-0', 'the test');
    for (let i = 1; i < 100; i++) secret.renew(`value-${i}`);
    expect(secret.values).toHaveLength(8);
    expect(secret.values.at(-1)).toBe('value-99');
  });

  it('keeps the value in use, and counts one that comes again as new', () => {
    const secret = new Secret('in-use', 'the test');
    secret.hide('again');
    for (let i = 0; i < 20; i++) {
      secret.hide(`value-${i}`);
      secret.hide('again');
    }
    expect(secret.values).toHaveLength(8);
    expect(secret.values).toEqual(expect.arrayContaining(['in-use', 'again', 'value-19']));
  });
});

describe('the file of a secret', () => {
  it('gives another value once it has changed, and only then', () => {
    let content: string | null = 'one';
    const secret = new Secret('one', 'the test', { name: 'k', read: () => content });
    expect(secret.readAgain()).toBe(false);
    content = null;
    expect(secret.readAgain()).toBe(false);
    content = 'two';
    expect(secret.readAgain()).toBe(true);
    expect(secret.readAgain()).toBe(false);
    expect([secret.reveal(), secret.given]).toEqual(['two', 'two']);
    secret.renew('three');
    expect(secret.readAgain()).toBe(false);
    expect([secret.reveal(), secret.given]).toEqual(['three', 'two']);
  });

  it('is named in what will help; without one, the place in the configuration is', () => {
    expect(new Secret('x', 'config.yaml:3:8', { name: 'k', read: () => null }).remedy(5)).toBe(
      'put it into k, which is read again every 5 min',
    );
    expect(new Secret('x', 'config.yaml:3:8').remedy(5)).toBe(
      'put it in place of the one from config.yaml:3:8, and reload',
    );
  });
});
