/**
 * Returns the host for a URL to an address that a server listens on. A wildcard is reached from this machine by the
 * loopback address.
 */
export function reachableHost(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return address.includes(':') ? `[${address}]` : address;
}
