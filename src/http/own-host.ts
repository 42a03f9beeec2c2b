import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * Tells whether a request asks for a host that is this one. A page in a browser can make a name of its own point to this machine and
 * read what is served to it (DNS rebinding, https://crypto.stanford.edu/dns/dns-rebinding.pdf): the browser then says that name in
 * `Host`. So loopback names, addresses as numbers, which belong to no page, and these names are ours; a request without a
 * `Host` (HTTP/1.0) comes from no browser.
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

/** A name is the same in capitals and with the root's dot at its end. */
function bare(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
