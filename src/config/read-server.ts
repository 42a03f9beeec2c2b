import { isLoopback } from '../text/is-loopback.ts';
import { type Context, textError, textWarning } from './context.ts';
import type { Text } from './tree.ts';

export interface ServerRules {
  /** The key whose value it is, for messages. */
  readonly key: string;
  /** A right one, for messages. */
  readonly example: string;
  /** `allowed`: a path may follow the host. */
  readonly path: 'none' | 'allowed';
}

/** A server's http(s) address without a slash at its end; null if it is wrong, which is reported. Warns if a token would travel unencrypted. */
export function readServer(context: Context, text: Text, { key, example, path }: ServerRules): string | null {
  const written = text.value.trim();
  const wrong = (what: string, right: string) => {
    textError(context, text, 0, what, right);
    return null;
  };
  const url = URL.canParse(written) ? new URL(written) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const bare = /^[\w.-]+(?::\d+)?$/.test(written);
    return wrong(`"${key}" is not a web address`, `write ${bare ? `https://${written}` : example}`);
  }
  if (url.username !== '' || url.password !== '')
    return wrong(`"${key}" has a user or password in it`, 'remove what stands before the @');
  const kept = `${url.origin}${path === 'allowed' ? url.pathname.replace(/\/+$/, '') : ''}`;
  if ((path === 'none' && url.pathname !== '/') || url.search !== '' || url.hash !== '')
    return wrong(`"${key}" has more than a host${path === 'none' ? '' : ' and a path'} in it`, `write ${kept}`);
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    const right = `use ${kept.replace(/^http:/, 'https:')}`;
    textWarning(context, text, 0, `http:// to ${url.hostname} sends the token unencrypted`, right);
  }
  return kept;
}
