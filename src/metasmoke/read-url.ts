import type { UrlRead } from '../catalogue/source-kind.ts';
import { isLoopback } from '../text/is-loopback.ts';
import type { Remedy } from '../text/remedy.ts';

const problem = (wrong: string, right: string): UrlRead => ({ outcome: 'problem', wrong, right });

/** Reads the address of an Action Cable endpoint: `wss://metasmoke.erwaysoftware.com/cable`. */
export function readUrl(written: string): UrlRead {
  const url = URL.parse(written);
  if (url === null || !/^(?:wss?|https?):$/.test(url.protocol))
    return problem('"url" is not a WebSocket address', 'write wss://metasmoke.erwaysoftware.com/cable, or demo');
  if (url.username !== '' || url.password !== '')
    return problem('"url" has a user or password in it', 'remove what stands before the @');
  if (/^https?:$/.test(url.protocol)) {
    const meant = `${url.protocol.replace('http', 'ws')}//${url.host}${url.pathname === '/' ? '/cable' : url.pathname}`;
    return problem(`"url" is a web address (${url.protocol}//)`, `write ${meant}`);
  }
  if (url.search !== '')
    return problem('"url" has a query (?…) in it', `remove it; a key belongs in "key: \${METASMOKE_KEY}"`);
  if (url.hash !== '') return problem('"url" has a # in it', 'remove it and what follows');
  return { outcome: 'url', url: url.href, doubts: doubtsOf(url) };
}

function doubtsOf(url: URL): readonly Remedy[] {
  const doubts: Remedy[] = [];
  if (url.protocol === 'ws:' && !isLoopback(url.hostname)) {
    const wrong = `ws:// to ${url.hostname} sends the key unencrypted`;
    doubts.push({ wrong, right: `use wss://${url.host}${url.pathname}` });
  }
  if (url.pathname === '/') {
    const right = `metasmoke and the hub listen at ${url.protocol}//${url.host}/cable`;
    doubts.push({ wrong: '"url" has no path', right });
  }
  return doubts;
}
