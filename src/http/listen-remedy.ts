const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has it: end that one, or choose another port (0 takes any that is free)',
  EACCES: 'this user may not open it: choose a port from 1024 on',
  EADDRNOTAVAIL: 'this machine has no such address: 127.0.0.1 is for this machine alone, 0.0.0.0 for all networks',
  ENOTFOUND: 'there is no host of this name: 127.0.0.1 is for this machine alone, 0.0.0.0 for all networks',
};

/** Why listening failed and what to do about it; `cause` is what Node threw. */
export function listenRemedy(cause: NodeJS.ErrnoException): string {
  return remedies[cause.code ?? ''] ?? cause.message;
}
