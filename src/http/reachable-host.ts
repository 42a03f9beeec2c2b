/** The host to put into a URL for an address that is listened on: a wildcard is reached from here by the loopback address. */
export function reachableHost(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return address.includes(':') ? `[${address}]` : address;
}
