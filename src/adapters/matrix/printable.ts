/** An id of another server's making, fit for a log line: bounded, and nothing but visible ASCII. */
export function printable(id: string): string {
  return id.slice(0, 255).replace(/[^\x21-\x7e]/g, '?');
}
