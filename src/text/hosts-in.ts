/** Part of a text that is read, UTF-16 units, and most hosts that are listed. */
const READ_UNITS = 32_768;
const MOST_HOSTS = 20;

/**
 * Returns the hosts of the web addresses in a text, in their order, without `www.`, each once: `evil.example`. A host
 * with other letters than those of ASCII is in its encoded form (`xn--…`), so that no letter passes for another one.
 */
export function hostsIn(text: string): readonly string[] {
  const hosts = new Set<string>();
  for (const [url] of text.slice(0, READ_UNITS).matchAll(/https?:\/\/[^\s/?#\\"'<>()[\]{}|^`&*,;!]{1,255}/gi)) {
    const host =
      URL.parse(url)
        ?.hostname.replace(/^www\./, '')
        .replace(/\.+$/, '') ?? '';
    if (host.includes('.')) hosts.add(host);
    if (hosts.size === MOST_HOSTS) break;
  }
  return [...hosts];
}
