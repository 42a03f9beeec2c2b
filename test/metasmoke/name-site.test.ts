import { describe, expect, it } from 'vitest';
import { nameSite } from '../../src/metasmoke/name-site.ts';

describe('the name of a site', () => {
  it.each([
    ['stackoverflow', 'stackoverflow.com'],
    ['StackOverflow.com', 'stackoverflow.com'],
    ['Stack Overflow', 'stackoverflow.com'],
    ['www.stackoverflow.com', 'stackoverflow.com'],
    ['//stackoverflow.com/a/1', 'stackoverflow.com'],
    ['http://math.stackexchange.com?x', 'math.stackexchange.com'],
    ['math', 'math.stackexchange.com'],
    ['math.stackexchange', 'math.stackexchange.com'],
    ['mathoverflow', 'mathoverflow.net'],
    ['mathoverflow.net', 'mathoverflow.net'],
    ['es.stackoverflow', 'es.stackoverflow.com'],
    ['meta', 'meta.stackexchange.com'],
    ['meta.superuser', 'meta.superuser.com'],
    ['meta.math', 'math.meta.stackexchange.com'],
    ['math.meta', 'math.meta.stackexchange.com'],
    ['', ''],
  ])('%s is %s', (written, domain) => {
    expect(nameSite(written)).toBe(domain);
    expect(nameSite(domain)).toBe(domain);
  });
});
