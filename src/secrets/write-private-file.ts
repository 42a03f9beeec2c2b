import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';

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

/** Writes over whatever is in a file. Only its owner can read it from then on, also if others could before. */
export function writeOverPrivately(file: string, text: string): void {
  const { O_CREAT, O_WRONLY } = constants;
  const descriptor = openSync(file, O_CREAT | O_WRONLY, 0o600);
  try {
    // A pipe or a terminal is left as it is.
    if (fstatSync(descriptor).isFile()) {
      fchmodSync(descriptor, 0o600);
      ftruncateSync(descriptor);
    }
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}
