import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';

/**
 * Replaces the text of a file as a whole: a crash leaves the old one or the new one. Its mode stays, and its owner if we
 * may give files away; behind a link the file itself is replaced.
 */
export function replaceFile(path: string, text: string): void {
  const real = realpathSync(path);
  const { mode, uid, gid } = statSync(real);
  const written = `${real}.new`;
  rmSync(written, { force: true });
  const descriptor = openSync(written, 'wx', 0o600);
  try {
    writeSync(descriptor, text);
    keepOwner(descriptor, uid, gid);
    fchmodSync(descriptor, mode & 0o7777);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(written, real);
}

function keepOwner(descriptor: number, uid: number, gid: number): void {
  try {
    fchownSync(descriptor, uid, gid);
  } catch (err) {
    // Only root may give files away.
    if ((err as NodeJS.ErrnoException).code !== 'EPERM') throw err;
  }
}
