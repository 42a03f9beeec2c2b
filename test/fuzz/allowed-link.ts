/**
 * The hosts that links may lead to, from promise 5 of the design: metasmoke, Stack Exchange, and what the templates of
 * these tests name. Written down without the code that is tested.
 */
const hosts =
  /^(?:metasmoke\.erwaysoftware\.com|cdn\.sstatic\.net|charcoal-se\.org|(?:[\w-]+\.)*(?:stackexchange\.com|stackoverflow\.com|superuser\.com|serverfault\.com|askubuntu\.com|mathoverflow\.net|stackapps\.com))$/;

/** Whether a link or an image may lead there: `https://` or `http://`, no user, no port, one of the hosts. */
export function isAllowedLink(address: string): boolean {
  const authority = /^https?:\/\/([^/?#\\\s]*)(?:[/?#]\S*)?$/.exec(address)?.[1];
  return authority !== undefined && hosts.test(authority);
}
