import { dirname } from 'node:path';

/** Returns why a file could not be written, and what to do, for people; null: the error is not one of the file system. */
export function writeErrorText(file: string, err: unknown): string | null {
  const code = err instanceof Error && 'syscall' in err ? (err as NodeJS.ErrnoException).code : undefined;
  switch (code) {
    case undefined:
      return null;
    case 'ENOENT':
    case 'ENOTDIR':
      return `the folder of ${file} is not there: make it: mkdir -p ${dirname(file)}`;
    case 'EISDIR':
      return `${file} is a folder: name a file in it`;
    case 'EACCES':
    case 'EPERM':
      return `this user may not write ${file}: give this user the right to write there, or name another file`;
    case 'EROFS':
      return `${file} is on a disk that cannot be written: name another file`;
    case 'ENOSPC':
      return `${file} could not be written, since the disk is full: free some space`;
    default:
      return `${file} could not be written (${code}): check the path and the disk`;
  }
}
