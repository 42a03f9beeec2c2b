/** The parts of the network whose domains do not end with `.stackexchange.com`, by the last word of a short name. */
const ownDomains: Readonly<Record<string, string>> = {
  stackexchange: 'com',
  stackoverflow: 'com',
  superuser: 'com',
  serverfault: 'com',
  askubuntu: 'com',
  stackapps: 'com',
  mathoverflow: 'net',
};

/**
 * Returns the domain of the site that a person means: `Stack Overflow`, `stackoverflow` and `https://stackoverflow.com/q/1`
 * are `stackoverflow.com`, `math` and `math.stackexchange` are `math.stackexchange.com`, and `meta.math` is `math.meta`
 * (https://stackexchange.com/sites). A text that ends with `.com` or `.net` is a domain already.
 */
export function nameSite(written: string): string {
  const host = written
    .toLowerCase()
    .replaceAll(/\s/g, '')
    .replace(/^(?:https?:)?\/\//, '')
    .replace(/[/?#].*$/s, '')
    .replace(/^www\./, '');
  if (host === '' || /\.(?:com|net)$/.test(host)) return host;
  const last = host.slice(host.lastIndexOf('.') + 1);
  const ending = Object.hasOwn(ownDomains, last) ? ownDomains[last] : undefined;
  if (ending !== undefined) return `${host}.${ending}`;
  return `${host.replace(/^meta\.(.+)$/, '$1.meta')}.stackexchange.com`;
}
