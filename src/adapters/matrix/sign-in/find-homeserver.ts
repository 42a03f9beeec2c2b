import { isLoopback } from '../../../text/is-loopback.ts';
import { objectOf, textOf } from '../../../text/json.ts';
import { SetupError } from '../../setup.ts';
import { server, user } from '../ids.ts';
import { refusalText, type Web } from './web.ts';

/** Most redirects that are followed from a server's name to its homeserver. */
const MOST_REDIRECTS = 3;

/** Returns what is wrong with a homeserver as a person writes it; null: it can be looked for. */
export function homeserverTrouble(written: string): string | null {
  if (user.isId(written) || server.isId(written)) return null;
  const url = URL.parse(written);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '')
    return `"${written}" is neither a server nor a web address: write example.org or https://matrix.example.org`;
  if (url.username !== '' || url.password !== '') return 'remove what stands before the @';
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return `http:// would send the password unencrypted: write https://${url.host}`;
  return null;
}

/**
 * Returns the URL of the homeserver, of a URL, a server's name or a user id. A name is looked up at `/.well-known/matrix/client`
 * (https://spec.matrix.org/v1.18/client-server-api/#well-known-uris).
 */
export async function findHomeserver(written: string, web: Web): Promise<string> {
  const name = user.isId(written) ? server.serverOf(written) : server.isId(written) ? written : null;
  const base = name === null ? new URL(written).origin : await delegatedBy(name, web);
  const answer = await web.get(`${base}/_matrix/client/versions`);
  if (answer.status === 200 && Array.isArray(answer.body.versions)) return base;
  throw new SetupError(
    `${base} is not a homeserver (${refusalText(answer)}): look in your client's settings for the homeserver's URL, and write that`,
  );
}

async function delegatedBy(name: string, web: Web): Promise<string> {
  const itself = `${isLoopback(name.replace(/:\d+$/, '')) ? 'http' : 'https'}://${name}`;
  let url = `${itself}/.well-known/matrix/client`;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const { status, body, location } = await web.get(url);
    if (status === 200) return baseUrlOf(body, name) ?? itself;
    const next = location === null ? null : URL.parse(location, url);
    if (status < 300 || status > 399 || next === null) return itself;
    if (next.protocol !== 'https:' && !isLoopback(next.hostname)) return itself;
    url = next.href;
  }
  return itself;
}

function baseUrlOf(body: object, name: string): string | null {
  const written = textOf(objectOf(objectOf(body)['m.homeserver']).base_url);
  if (written === null) return null;
  const url = URL.parse(written);
  if (url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))))
    return url.origin;
  throw new SetupError(`${name} names a homeserver without https ("${written.slice(0, 100)}"): write its URL yourself`);
}
