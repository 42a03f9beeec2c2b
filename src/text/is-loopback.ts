/** Returns true if only this machine can be reached by that name. Brackets of IPv6 may be there. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}
