import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * Returns a check that a request's `Host` names this server. A web page can point a host name of its own to this
 * machine and read what is served to it (DNS rebinding, https://crypto.stanford.edu/dns/dns-rebinding.pdf); the browser
 * then sends that name in `Host`. Accepted are loopback names, numeric addresses, which no page owns, and these names;
 * also a request without `Host` (HTTP/1.0), which does not come from a browser.
 */
export function createHostCheck(names: readonly string[]): (request: IncomingMessage) => boolean {
  const known = new Set(['localhost', ...names].map(bare));
  return ({ headers: { host } }) => {
    if (host === undefined) return true;
    // https://www.rfc-editor.org/rfc/rfc9110#field.host
    const [, address, name = ''] = /^(?:\[([\da-f:.]+)\]|([^\s:/@[\]]+))(?::\d{0,5})?$/i.exec(host) ?? [];
    if (address !== undefined) return isIP(address) === 6;
    return isIP(name) === 4 || known.has(bare(name)) || bare(name).endsWith('.localhost');
  };
}

/** Removes differences that do not matter in a host name: case, and the root's dot at the end. */
function bare(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
