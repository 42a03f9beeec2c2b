import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

/**
 * Writes a file that only its owner can read (mode 600). If there is one, throws with the code `EEXIST`, or replaces it
 * as a whole.
 */
export function writePrivateFile(path: string, text: string, ifThere: 'refuse' | 'replace'): void {
  const written = ifThere === 'refuse' ? path : `${path}.new`;
  if (ifThere === 'replace') rmSync(written, { force: true });
  const descriptor = openSync(written, 'wx', 0o600);
  try {
    fchmodSync(descriptor, 0o600);
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  if (written !== path) renameSync(written, path);
}
