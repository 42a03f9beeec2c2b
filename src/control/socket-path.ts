import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { StorePlace } from '../store/place.ts';

/**
 * Longest path of a socket, bytes: `sun_path` has 104 on macOS and 108 on Linux, with a zero at its end.
 * https://man7.org/linux/man-pages/man7/unix.7.html
 */
const LONGEST_PATH = 103;
/** Longest name of a store in the name of its socket, bytes, so that a short folder in front of it always fits. */
const LONGEST_NAME = 32;

/**
 * Returns the path of the control socket of a database: `<database>.sock` beside the file itself, not beside a link to
 * it. A long name is hashed.
 */
export function socketPathOf(storeFile: string): string {
  const real = realPath(storeFile);
  const name = basename(real);
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return join(dirname(real), Buffer.byteLength(name) <= LONGEST_NAME ? `${name}.sock` : `lookout-${hash}.sock`);
}

/** Returns the file beside which the control socket of a configuration is: its database, or itself if that is on a server. */
export function controlFileOf({ file, store }: { readonly file: string; readonly store: StorePlace }): string {
  return store.kind === 'sqlite' ? store.file : file;
}

function realPath(file: string): string {
  if (existsSync(file)) return realpathSync(file);
  const folder = dirname(file);
  return existsSync(folder) ? join(realpathSync(folder), basename(file)) : file;
}

/** A path that is short enough for the operating system. */
export interface ShortPath {
  readonly path: string;
  /** Removes what made it short. The socket stays where it is. */
  end(): void;
}

/**
 * Shortens the path of a socket: a path that is too long leads through a link to its folder, which is removed as soon
 * as the socket is bound or connected. So the socket is always beside its store, whatever temporary folders the
 * processes have.
 */
export function shortPath(path: string): ShortPath {
  if (Buffer.byteLength(path) <= LONGEST_PATH) return { path, end() {} };
  const folder = mkdtempSync(join(tmpdir(), 'lookout-'));
  const link = join(folder, 'd');
  symlinkSync(dirname(path), link);
  return { path: join(link, basename(path)), end: () => rmSync(folder, { recursive: true, force: true }) };
}
