/**
 * The allowed hosts of links, from promise 5 of the design: metasmoke, Stack Exchange, and those in the templates of
 * these tests. Written independently of the tested code.
 */
const hosts =
  /^(?:metasmoke\.erwaysoftware\.com|cdn\.sstatic\.net|charcoal-se\.org|(?:[\w-]+\.)*(?:stackexchange\.com|stackoverflow\.com|superuser\.com|serverfault\.com|askubuntu\.com|mathoverflow\.net|stackapps\.com))$/;

/** Returns true if a link or an image may lead there: `https://` or `http://`, no user, no port, one of the hosts. */
export function isAllowedLink(address: string): boolean {
  const authority = /^https?:\/\/([^/?#\\\s]*)(?:[/?#]\S*)?$/.exec(address)?.[1];
  return authority !== undefined && hosts.test(authority);
}
