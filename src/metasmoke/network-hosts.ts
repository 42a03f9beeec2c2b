/**
 * Stack Exchange's domains of question sites, each including its sub-domains (`chat.`, `meta.`, `es.`).
 * https://stackexchange.com/sites
 */
const networkDomains = [
  'stackexchange.com',
  'stackoverflow.com',
  'superuser.com',
  'serverfault.com',
  'askubuntu.com',
  'mathoverflow.net',
  'stackapps.com',
];

/** Returns true for the host of a site of Stack Exchange. */
export function isNetworkHost(host: string): boolean {
  return networkDomains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}

/**
 * Returns the host of a site by its name in Stack Exchange's API (https://api.stackexchange.com/docs/sites), as
 * SmokeDetector's links have it: `stackoverflow`, `es.stackoverflow`, `english`, `english.meta`, `mathoverflow.net`.
 */
export function hostOfSite(site: string): string {
  const name = site.toLowerCase();
  if (isNetworkHost(name)) return currentHost(name);
  if (isNetworkHost(`${name}.com`)) return currentHost(`${name}.com`);
  return currentHost(`${name === 'mathoverflow' ? 'mathoverflow.net' : `${name}.stackexchange.com`}`);
}

/** Returns the present name of a host: without `www.`, and `english.meta` for the older `meta.english`. */
export function currentHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^www\./, '')
    .replace(/\.$/, '')
    .replace(/^meta\.([a-z]+)\.stackexchange\.com$/, '$1.meta.stackexchange.com')
    .replace(/^meta\.([a-z]{2})\.stackoverflow\.com$/, '$1.meta.stackoverflow.com');
}
