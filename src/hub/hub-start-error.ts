/** The hub could not start, and a human has to change something: the message says what and how. */
export class HubStartError extends Error {
  override readonly name = 'HubStartError';
}

const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has it: end that one, or choose another port (0 takes any that is free)',
  EACCES: 'this user may not open it: choose a port from 1024 on',
  EADDRNOTAVAIL: 'this machine has no such address: 127.0.0.1 is for this machine alone, 0.0.0.0 for all networks',
  ENOTFOUND: 'there is no host of this name: 127.0.0.1 is for this machine alone, 0.0.0.0 for all networks',
};

/** Says in words why listening at `host:port` failed; `cause` is what Node threw. */
export function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): HubStartError {
  const remedy = remedies[cause.code ?? ''] ?? cause.message;
  return new HubStartError(`the hub cannot listen on port ${port} of ${host}: ${remedy}`, { cause });
}
