import { BlockList, isIP } from 'node:net';
import { isLoopback } from '../text/is-loopback.ts';

type Variable = 'HTTPS_PROXY' | 'HTTP_PROXY';
type Environment = Readonly<Record<string, string | undefined>>;

/** An HTTP proxy that opens tunnels (CONNECT). */
export interface HttpProxy {
  /** With its user and password; never shown. */
  readonly url: URL;
  /** The variable that names it, for messages. */
  readonly from: Variable;
}

/** The proxies of an environment, and what goes around them. */
export interface Proxies {
  readonly all: readonly HttpProxy[];
  /** Returns the proxy for an address (`https:`, `wss:`, `http:` or `ws:`); null: it is connected to directly. */
  proxyFor(url: URL): HttpProxy | null;
}

/** A variable that names no proxy that Lookout can use. */
export interface ProxyProblem {
  readonly wrong: string;
  readonly right: string;
}

/**
 * Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, which no standard defines, as curl does: a name in lower case goes
 * first, `HTTPS_PROXY` holds for https and wss, `HTTP_PROXY` for http and ws, a name in `NO_PROXY` holds for its
 * subdomains, too (https://curl.se/docs/manpage.html#ENVIRONMENT). This machine is never reached through a proxy, since
 * the proxy would connect to itself.
 */
export function readProxies(environment: Environment): {
  readonly proxies: Proxies;
  readonly problems: readonly ProxyProblem[];
} {
  const variable = (name: string) => environment[name.toLowerCase()]?.trim() || environment[name]?.trim() || null;
  const problems: ProxyProblem[] = [];
  const read = (from: Variable): HttpProxy | null => {
    const value = variable(from);
    if (value === null) return null;
    // curl and others take a proxy without a scheme for an http one.
    const url = URL.parse(value.includes('://') ? value : `http://${value}`);
    if (url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '') return { url, from };
    problems.push({
      wrong: `${from} in the environment is not an http:// or https:// proxy`,
      right: `write ${from}=http://proxy.example.org:3128, or unset it for Lookout`,
    });
    return null;
  };
  const secure = read('HTTPS_PROXY');
  const plain = read('HTTP_PROXY');
  const goesAround = readExceptions(variable('NO_PROXY') ?? '');
  const proxies: Proxies = {
    all: [secure, plain].filter((proxy) => proxy !== null),
    proxyFor(url) {
      const isSecure = url.protocol === 'https:' || url.protocol === 'wss:';
      const proxy = isSecure ? secure : plain;
      if (proxy === null || isLoopback(url.hostname)) return null;
      return goesAround(url.hostname, portOf(url)) ? null : proxy;
    },
  };
  return { proxies, problems };
}

/** Everything is connected to directly. */
export const noProxies: Proxies = readProxies({}).proxies;

/** The port of an address, that of its scheme if it names none. */
export function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' || protocol === 'wss:' ? 443 : 80;
}

/** Host and port of a proxy, without its user and password. */
export function nameOf({ url }: HttpProxy): string {
  return `${url.hostname}:${portOf(url)}`;
}

/** Reads `NO_PROXY`: `*`, or names, addresses and ranges (`10.0.0.0/8`), each with a port or without. */
function readExceptions(text: string): (host: string, port: number) => boolean {
  const entries = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '');
  if (entries.includes('*')) return () => true;
  const ranges = new BlockList();
  const names: { readonly name: string; readonly port: number | null }[] = [];
  for (const entry of entries) {
    const [, address = '', bits] = /^([\d.]+|[\da-f:.]*:[\da-f:.]*)\/(\d{1,3})$/.exec(entry) ?? [];
    const family = isIP(address);
    if (bits !== undefined && family !== 0 && Number(bits) <= (family === 4 ? 32 : 128)) {
      ranges.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
      continue;
    }
    const [, name = entry, port] = (isIP(entry) === 0 && /^(.+):(\d+)$/.exec(entry)) || [];
    names.push({ name: bare(name).replace(/^\*?\./, ''), port: port === undefined ? null : Number(port) });
  }
  return (hostname, port) => {
    const host = bare(hostname.toLowerCase());
    const family = isIP(host);
    if (family !== 0 && ranges.check(host, family === 4 ? 'ipv4' : 'ipv6')) return true;
    return names.some((entry) => {
      if (entry.port !== null && entry.port !== port) return false;
      return host === entry.name || (family === 0 && host.endsWith(`.${entry.name}`));
    });
  };
}

/** An IPv6 address without its brackets. */
const bare = (host: string) => host.replace(/^\[(.*)\]$/, '$1');
