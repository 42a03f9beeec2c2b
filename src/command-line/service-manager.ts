import { execFile } from 'node:child_process';
import type { Log } from '../log.ts';
import type { Clock } from '../time/clock.ts';

/** The service manager that started this process (systemd with `Type=notify`), or none, which takes every message. */
export interface ServiceManager {
  /** Lookout has started: it receives and sends. From now on the watchdog is told that it lives. */
  ready(): void;
  /** Lookout is ending. */
  stopping(): void;
}

export interface ServiceParts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
  /** Sends a message, such as `READY=1`. Rejects if that is not possible. */
  readonly send: (message: string) => Promise<void>;
}

/**
 * Reports to the service manager whose socket is in `NOTIFY_SOCKET`. The watchdog is told twice in each of its periods
 * from the event loop, so a process that hangs is restarted.
 * https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
 */
export function createServiceManager({ environment, clock, log, send }: ServiceParts): ServiceManager {
  if (environment.NOTIFY_SOCKET === undefined) return { ready() {}, stopping() {} };
  const everyMs = Number(environment.WATCHDOG_USEC) / 2_000;
  let hasFailed = false;
  let cancel = () => {};
  const report = (message: string) => {
    send(message).catch((err: unknown) => {
      if (!hasFailed) log.error({ err }, 'could not report to the service manager; it may restart Lookout');
      hasFailed = true;
    });
  };
  const beat = () => {
    report('WATCHDOG=1');
    cancel = clock.after(everyMs, beat);
  };
  return {
    ready() {
      report('READY=1');
      if (everyMs > 0) cancel = clock.after(everyMs, beat);
    },
    stopping() {
      cancel();
      report('STOPPING=1');
    },
  };
}

/** Sends a message with systemd's own program: Node has no datagram sockets of Unix. */
export function sendWithSystemd(environment: ServiceParts['environment']): ServiceParts['send'] {
  const { PATH, NOTIFY_SOCKET } = environment;
  return (message) =>
    new Promise((resolve, reject) => {
      execFile('systemd-notify', [message], { env: { PATH, NOTIFY_SOCKET } }, (error) =>
        error === null ? resolve() : reject(error),
      );
    });
}
