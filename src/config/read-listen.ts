import type { ListenConfig } from './config.ts';
import { type Context, textError } from './context.ts';
import { getText, type Mapping } from './tree.ts';

/** `host` and `port` of something that listens, with their defaults; null where one is wrong, which is reported. */
export function readListen(context: Context, map: Mapping | null, defaultPort: number): ListenConfig | null {
  const host = getText(map, 'host');
  if (host && !/^[\w.:[\]-]{1,253}$/.test(host.value)) {
    textError(
      context,
      host,
      0,
      '"host" is no address to listen on',
      'write 127.0.0.1 for this machine alone, or 0.0.0.0 for all',
    );
    return null;
  }
  const port = readPort(context, map, defaultPort);
  return port === null ? null : { port, host: host?.value ?? '127.0.0.1' };
}

function readPort(context: Context, map: Mapping | null, defaultPort: number): number | null {
  const value = map?.entries.get('port')?.value;
  if (value === undefined) return defaultPort;
  if (value.kind !== 'number' && value.kind !== 'text') return null;
  // A text is what a variable gives: "${PORT}".
  const written = value.kind === 'text' ? value.value : String(value.value);
  const port = /^\d{1,5}$/.test(written) ? Number(written) : Number.NaN;
  if (port <= 65_535) return port;
  const right = 'write a number from 1 to 65535, or 0 for any free one';
  if (value.kind === 'text') textError(context, value, 0, `"${written.slice(0, 40)}" is no port`, right);
  else context.report.error(value.offset, `${value.written} is no port`, right);
  return null;
}
