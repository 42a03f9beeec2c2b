import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A configuration is a few kilobytes; what is far larger is another file. */
export const maxConfigBytes = 1_048_576;

export type FileText =
  | { readonly outcome: 'text'; readonly text: string; readonly isReadableByOthers: boolean; readonly mode: number }
  | { readonly outcome: 'unreadable'; readonly wrong: string; readonly right: string };

const unreadable = (wrong: string, right: string): FileText => ({ outcome: 'unreadable', wrong, right });

/** A text file in UTF-8, up to `maxBytes`; a byte order mark at its beginning is left out. Never throws. */
export function readTextFile(path: string, maxBytes: number): FileText {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const { mode, size } = fstatSync(descriptor);
    // Read up to a limit, whatever the file says of its size: a pipe says 0, a device never ends.
    const buffer = Buffer.alloc(Math.min(maxBytes, Math.max(size, 65_536)) + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(descriptor, buffer, length, buffer.length - length, null);
    }
    if (length > maxBytes || size > maxBytes) {
      return unreadable(`the file is larger than ${maxBytes / 1024} KiB`, 'this cannot be the file that was meant');
    }
    return decode(buffer.subarray(0, length), mode);
  } catch (err) {
    return explain(err);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function decode(bytes: Buffer, mode: number): FileText {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return unreadable('the file is UTF-16', 'save it as UTF-8');
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { outcome: 'text', text, isReadableByOthers: (mode & 0o044) !== 0, mode: mode & 0o777 };
  } catch {
    return unreadable('the file is not UTF-8', 'save it as UTF-8');
  }
}

function explain(err: unknown): FileText {
  const code = (err as NodeJS.ErrnoException | undefined)?.code ?? 'unknown error';
  switch (code) {
    case 'ENOENT':
      return unreadable('there is no such file', 'check the path');
    case 'EISDIR':
      return unreadable('this is a folder', 'name a file in it');
    case 'EACCES':
    case 'EPERM':
      return unreadable('the file may not be read', 'give this user the right to read it');
    default:
      return unreadable(`the file cannot be read (${code})`, 'check the path and the disk');
  }
}
