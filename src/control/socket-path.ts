import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
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
  return join(dirname(real), Buffer.byteLength(name) <= LONGEST_NAME ? `${name}.sock` : `lookout-${hashOf(name)}.sock`);
}

/** The configuration's file, and its store. */
interface Configured {
  readonly file: string;
  readonly store: StorePlace;
}

/** The folder that systemd makes for the unit, which no other user can write (https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RuntimeDirectory=). */
const SERVICE_FOLDER = '/run/lookout';

/**
 * Returns the files beside which the control socket of a configuration may be, the best first: its database, or itself if that is on a
 * server. Beside a configuration in a folder that cannot be written nothing can be: then it is in the folder of the service, or in that
 * for temporary files.
 */
function controlFilesOf({ file, store }: Configured, serviceFolder: string): readonly [string, ...string[]] {
  if (store.kind === 'sqlite') return [store.file];
  const real = realPath(resolve(file));
  const name = `lookout-${hashOf(real)}`;
  return [real, join(serviceFolder, name), join(tmpdir(), name)];
}

/** Returns the file beside which a Lookout with this configuration makes its control socket. */
export function controlFileOf(configured: Configured, serviceFolder = SERVICE_FOLDER): string {
  const files = controlFilesOf(configured, serviceFolder);
  return files.find((file) => isWritable(dirname(file))) ?? files[0];
}

/** Returns the path of the control socket of the Lookout with this configuration, which another user may have started. */
export function findSocket(configured: Configured, serviceFolder = SERVICE_FOLDER): string {
  const sockets = controlFilesOf(configured, serviceFolder).map(socketPathOf);
  return sockets.find((path) => existsSync(path)) ?? socketPathOf(controlFileOf(configured, serviceFolder));
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function hashOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 16);
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
