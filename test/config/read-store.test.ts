import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { read } from './config-files.ts';

const store = (line: string, files: Readonly<Record<string, string>> = {}) =>
  read(`${line}\nsource: { url: demo }\nsubscriptions: [{ events: posts, rooms: "console:x" }]\n`, { files });

describe('store', () => {
  it('is a file beside the configuration where nothing is said', () => {
    const { config } = store('');
    expect(config?.store).toEqual({
      kind: 'sqlite',
      file: `${dirname(config!.file)}/lookout.db`,
      keepMs: 30 * 86_400_000,
    });
  });

  it.each([
    ['store: memory', { kind: 'memory', keepMs: 30 * 86_400_000 }],
    ['store: { url: memory, keep: 12h }', { kind: 'memory', keepMs: 12 * 3_600_000 }],
    ['store: sqlite:/tmp/x.db', { kind: 'sqlite', file: '/tmp/x.db' }],
    ['store: { url: "sqlite:data/x.db", keep: 90 days }', { kind: 'sqlite', keepMs: 90 * 86_400_000 }],
  ])('may be %s', (line, expected) => {
    const { config, said } = store(line, { 'data/y': '' });
    expect(said).toEqual([]);
    expect(config?.store).toMatchObject(expected);
  });

  it.each([
    ['store: postgres://user@host/database', 'PostgreSQL is not in this version yet'],
    ['store: "sqlite:"', '"sqlite:" names no file'],
    ['store: "sqlite::memory:"', '":memory:" is SQLite\'s own word'],
    ['store: sqlite://x.db', 'after "sqlite:" comes the path itself'],
    ['store: sqlite:data', 'data is a folder'],
    ['store: sqlite:nowhere/x.db', 'the folder of nowhere/x.db is not there'],
    ['store: lookout.db', '"store" is not a store that is known'],
    ['store: { url: memory, keep: 5m }', '5m is too little'],
    ['store: { url: memory, keep: for ever }', '"for ever" is not a length of time'],
  ])('may not be %s', (line, wrong) => {
    const { config, said } = store(line, { 'data/y': '' });
    expect(config).toBeNull();
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(`: ${wrong}: `);
  });
});
