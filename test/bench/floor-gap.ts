/**
 * `node floor-gap.ts <API's url> <key>`: fetches all posts, page by page, and stores them in a bare database; prints
 * the time that takes, s.
 */
import { DatabaseSync } from 'node:sqlite';

const [url = '', key = ''] = process.argv.slice(2);
const database = new DatabaseSync('floor.db');
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
database.exec('CREATE TABLE posts (id INTEGER PRIMARY KEY, object TEXT)');
const insert = database.prepare('INSERT INTO posts (id, object) VALUES (?, ?)');

/** The API's limit. */
const perPage = 100;
const started = performance.now();
for (let page = 1, more = true; more; page++) {
  const answer = await fetch(`${url}/v2.0/posts?key=${key}&per_page=${perPage}&page=${page}`);
  const { items, has_more } = (await answer.json()) as { items: { id: number }[]; has_more: boolean };
  database.exec('BEGIN');
  for (const item of items) insert.run(item.id, JSON.stringify(item));
  database.exec('COMMIT');
  more = has_more;
}
console.log((performance.now() - started) / 1_000);
database.close();
