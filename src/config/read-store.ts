import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Secret } from '../secrets/secret.ts';
import type { PostgresAddress } from '../store/postgres/address.ts';
import { otherKind } from '../text/read-text-file.ts';
import type { StoreConfig } from './config.ts';
import { type Context, resolvePath, textError } from './context.ts';
import { readKeys } from './key.ts';
import { storeKeys } from './keys.ts';
import { readPostgres } from './read-postgres.ts';
import { readSecret } from './read-secret.ts';
import { getMap, getText, type Mapping, type Text } from './tree.ts';

const defaultStore = storeKeys.url.byDefault;

/** `store:`, a text or `{ url, keep }`; null if its URL is wrong. What is wrong in it is reported. */
export function readStore(context: Context, top: Mapping | null): StoreConfig | null {
  const map = getMap(top, 'store');
  const { url: inBlock, keep: keepMs } = readKeys(context, map, storeKeys);
  const password = readSecret(context, map, 'password');
  const url = getText(top, 'store') ?? inBlock;
  const place =
    url === null
      ? { kind: 'sqlite' as const, file: resolvePath(context, defaultStore.slice('sqlite:'.length)) }
      : readUrl(context, url, password);
  return place && { ...place, keepMs };
}

type Place = { kind: 'memory' } | { kind: 'sqlite'; file: string } | { kind: 'postgres'; address: PostgresAddress };

function readUrl(context: Context, text: Text, password: Secret | null): Place | null {
  const written = text.value.trim();
  const wrong = (what: string, right: string) => {
    textError(context, text, 0, what, right);
    return null;
  };
  if (password !== null && !/^postgres/.test(written))
    return wrong('only a PostgreSQL database has a password', 'leave it out');
  if (written === 'memory') return { kind: 'memory' };
  if (/^postgres(?:ql)?:/.test(written)) {
    const read = readPostgres(context, written, password);
    return read.outcome === 'wrong' ? wrong(read.wrong, read.right) : { kind: 'postgres', address: read.address };
  }
  if (!written.startsWith('sqlite:'))
    return wrong('"store" is not a store that is known', `write ${defaultStore}, or memory`);
  const path = written.slice('sqlite:'.length);
  if (path === ':memory:') return wrong('":memory:" is SQLite\'s own word', 'write store: memory');
  if (path === '') return wrong('"sqlite:" names no file', `write ${defaultStore}`);
  if (path.startsWith('//') && !path.startsWith('///')) {
    return wrong('after "sqlite:" comes the path itself', `write sqlite:${path.slice(2) || 'lookout.db'}`);
  }
  if (path.includes('\0')) return wrong('a path has no NUL in it', `write ${defaultStore}`);
  const file = resolvePath(context, path);
  const kind = kindOf(file);
  if (kind === 'a folder')
    return wrong(`${path} is a folder`, `name a file in it: sqlite:${path.replace(/\/$/, '')}/lookout.db`);
  if (kind !== null) return wrong(`${path} is ${kind}`, 'name a file, or one that is not there yet');
  if (kindOf(dirname(file)) !== 'a folder')
    return wrong(`the folder of ${path} is not there`, `make it: mkdir -p ${dirname(file)}`);
  return { kind: 'sqlite', file };
}

/** The kind of the entry at the path; null for a file, or if nothing is there. */
function kindOf(path: string): string | null {
  try {
    return otherKind(statSync(path));
  } catch {
    return null;
  }
}
