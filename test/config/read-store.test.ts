import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { placeOf } from '../../src/store/place.ts';
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
    ['postgres://lookout@localhost/events', 'postgres://lookout@localhost/events', false],
    ['postgresql://lookout:secret@db.example.org:6432/a%20b', 'postgres://lookout@db.example.org:6432/a%20b', true],
    ['postgres:///a?host=/run/pg&user=b', 'postgres:///a?host=/run/pg&user=b', false],
    ['postgres://lookout@[::1]/a', 'postgres://lookout@[::1]/a', false],
  ])('may be a database on a server: %s', (url, shown, isChecked) => {
    const { config, said } = store(`store: "${url}"`);
    expect(said).toEqual([]);
    const place = config?.store;
    expect(place?.kind).toBe('postgres');
    if (place?.kind !== 'postgres') return;
    expect(placeOf(place)).toBe(shown);
    expect(place.address.ssl !== false).toBe(isChecked);
    expect(JSON.stringify(config)).not.toContain('secret@');
  });

  it.each([
    ['store: postgres://db/lookout', 'the URL names no user'],
    ['store: postgres://lookout@db', 'the URL names no database'],
    ['store: postgres:///lookout', 'the URL names no user'],
    ['store: postgres://lookout:100%@db/a', 'this is not the URL of a database'],
    ['store: postgres://lookout@db/a%ff', 'this is not the URL of a database'],
    ['store: "postgres://lookout:sec#ret@db/a"', 'this is not the URL of a database'],
    ['store: postgres://lookout@db/a?sslmode=prefer', 'sslmode=prefer is not known'],
    ['store: postgres://lookout@db/a?pool=5', '"pool" is not known here'],
    ['store: postgres://lookout@db/a?sslrootcert=none.pem', 'none.pem cannot be read'],
    [
      'store: { url: "postgres://lookout:p@db/a", password: q }',
      'the password is here, and in password or password_file',
    ],
    ['store: { url: memory, password: q }', 'only a PostgreSQL database has a password'],
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
    // The password of a URL that is wrong.
    expect(said[0]).not.toMatch(/100%|sec#|ret@/);
  });
});
