import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy between one process and the database that does everything that a network may do to its connections. */
export interface DatabaseProxy {
  readonly port: number;
  /** Resets every connection. */
  cut(): void;
  /** Passes no byte on for a time, ms, on old connections and new ones, and closes none. */
  freeze(forMs: number): void;
  /** Cuts every connection, and resets each new one for a time, ms. */
  refuse(forMs: number): void;
  /** Delays each piece of data in both directions by `delayMs`, for a time, ms. */
  slow(forMs: number, delayMs: number): void;
  /** Calls back when the next transaction is being committed, before the answer. */
  onNextCommit(callback: () => void): void;
  /** Passes everything on from now on. */
  heal(): void;
  stop(): Promise<void>;
}

/** Starts the proxy. `port`: that of the server, which may be down. */
export async function startDatabaseProxy(port: number): Promise<DatabaseProxy> {
  const open = new Set<Socket>();
  let frozenUntil = 0;
  let refusedUntil = 0;
  let slow = { until: 0, delayMs: 0 };
  let onCommit: (() => void) | null = null;
  const now = () => performance.now();

  /** Returns the time at which a piece of data that came now goes on, ms by the monotonic clock. */
  function goesOnAt(): number {
    const delayed = now() < slow.until ? now() + slow.delayMs : now();
    return Math.max(frozenUntil, delayed);
  }

  /** Passes data on in its order, and then the end of it. */
  function pass(from: Socket, to: Socket, onData: (bytes: Buffer) => void): void {
    /** Pieces that wait; while there are some, a new one waits behind them. */
    let waiting = 0;
    let last = Promise.resolve();
    const afterwards = (work: () => void) => {
      waiting++;
      last = last.then(async () => {
        for (let waitMs = goesOnAt() - now(); waitMs > 0; waitMs = frozenUntil - now())
          await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, 20)));
        waiting--;
        work();
      });
    };
    const write = (bytes: Buffer) => {
      if (!to.destroyed && to.writable) to.write(bytes);
    };
    from.on('data', (bytes) => {
      if (waiting === 0 && goesOnAt() <= now()) write(bytes);
      else afterwards(() => write(bytes));
      onData(bytes);
    });
    from.on('error', () => undefined);
    from.on('close', () => afterwards(() => to.destroy()));
  }

  const proxy = createServer((client) => {
    if (now() < refusedUntil) return void client.resetAndDestroy();
    const server = connect(port, '127.0.0.1');
    for (const socket of [client, server]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => open.delete(socket));
    }
    pass(client, server, (bytes) => {
      if (!bytes.includes('commit')) return;
      onCommit?.();
      onCommit = null;
    });
    pass(server, client, () => undefined);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));

  const cut = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  return {
    port: (proxy.address() as AddressInfo).port,
    cut,
    freeze(forMs) {
      frozenUntil = now() + forMs;
    },
    refuse(forMs) {
      refusedUntil = now() + forMs;
      cut();
    },
    slow(forMs, delayMs) {
      slow = { until: now() + forMs, delayMs };
    },
    onNextCommit(callback) {
      onCommit = callback;
    },
    heal() {
      frozenUntil = 0;
      refusedUntil = 0;
      slow = { until: 0, delayMs: 0 };
      onCommit = null;
    },
    async stop() {
      frozenUntil = 0;
      cut();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
