const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses it: stop that one, or choose another port (0 takes any free one)',
  EACCES: 'this user may not open it: choose a port from 1024 up',
  EADDRNOTAVAIL: 'this machine has no such address: use 127.0.0.1 for this machine only, 0.0.0.0 for all networks',
  ENOTFOUND: 'the host name is unknown: use 127.0.0.1 for this machine only, 0.0.0.0 for all networks',
};

/** Returns the reason for a failure to listen and its remedy; `cause` is the error of Node. */
export function listenRemedy(cause: NodeJS.ErrnoException): string {
  return remedies[cause.code ?? ''] ?? cause.message;
}
