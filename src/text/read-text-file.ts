import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';

/** Limit of a configuration file, bytes. A configuration has a few kilobytes, so a much larger file is another one. */
export const maxConfigBytes = 1_048_576;

export type FileText =
  | { readonly outcome: 'text'; readonly text: string; readonly isReadableByOthers: boolean; readonly mode: number }
  | { readonly outcome: 'unreadable'; readonly wrong: string; readonly right: string };

const unreadable = (wrong: string, right: string): FileText => ({ outcome: 'unreadable', wrong, right });

/**
 * Opening a pipe without a writer would wait for ever, https://man7.org/linux/man-pages/man7/fifo.7.html, and a
 * terminal would become our controlling terminal.
 */
const withoutWaiting = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * Reads a UTF-8 text file of up to `maxBytes`, without its byte order mark. Whatever kind of file it is, does not wait
 * for another process and reads no more than that. Never throws.
 */
export function readTextFile(path: string, maxBytes: number): FileText {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, withoutWaiting);
    const stats = fstatSync(descriptor);
    const other = otherKind(stats);
    if (other !== null)
      return unreadable(`this is ${other}`, other === 'a folder' ? 'name a file in it' : 'name a file');
    const { mode, size } = stats;
    // Read up to a limit, whatever size the file reports: files in /proc report 0.
    const buffer = Buffer.alloc(Math.min(maxBytes, Math.max(size, 65_536)) + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(descriptor, buffer, length, buffer.length - length, null);
    }
    if (length > maxBytes || size > maxBytes) {
      return unreadable(`the file is larger than ${maxBytes / 1024} KiB`, 'this is probably not the intended file');
    }
    return decode(buffer.subarray(0, length), mode);
  } catch (err) {
    return explain(err);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Returns the kind of an entry that is not a file; null for a file. */
export function otherKind(stats: Stats): string | null {
  if (stats.isFile()) return null;
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
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
      return unreadable('the file does not exist', 'check the path');
    case 'EISDIR':
      return unreadable('this is a folder', 'name a file in it');
    case 'ENXIO':
      return unreadable('this is a socket or a device', 'name a file');
    case 'EACCES':
    case 'EPERM':
      return unreadable('this user may not read the file', 'give this user the right to read it');
    default:
      return unreadable(`the file cannot be read (${code})`, 'check the path and the disk');
  }
}
