import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { type Child, startChild } from '../support/child.ts';
import { useCommandFolder } from './command-line/command-folder.ts';

const unit = fileURLToPath(new URL('../../deploy/lookout.service', import.meta.url));
const used = useCommandFolder();

/** Prints each datagram that comes to a socket of Unix: Node has none. */
const listen = `
import socket, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(sys.argv[1])
print("listening", flush=True)
while True:
    print(server.recv(4096).decode(), flush=True)
`;

async function startReceiver(path: string): Promise<Child> {
  const receiver = startChild('python3', ['-c', listen, path]);
  used.children.push(receiver);
  await receiver.waitForOutput((line) => line === 'listening', 'the socket');
  return receiver;
}

it('reports its start, its life and its end to systemd', async () => {
  const path = join(used.folder, 'notify');
  const receiver = await startReceiver(path);
  used.configure(used.usual());
  const lookout = used.lookout(['run'], { NOTIFY_SOCKET: path, WATCHDOG_USEC: '1000000' });
  await receiver.waitForOutput((line) => line === 'READY=1', 'READY=1');
  await receiver.waitForOutput(() => receiver.lines.filter((line) => line === 'WATCHDOG=1').length >= 3, 'life');
  expect(await lookout.end('SIGTERM')).toEqual({ code: 0, signal: null });
  await receiver.waitForOutput((line) => line === 'STOPPING=1', 'STOPPING=1');
  expect(lookout.lines.join('\n')).not.toContain('could not report');
});

it('is not ready with a configuration that is wrong', async () => {
  const path = join(used.folder, 'notify');
  const receiver = await startReceiver(path);
  used.configure('source: 7\n');
  const lookout = used.lookout(['run'], { NOTIFY_SOCKET: path });
  expect(await lookout.exited).toEqual({ code: 2, signal: null });
  expect(receiver.lines).toEqual(['listening']);
});

it('has a unit that systemd accepts, as hardened as a service with network can be', () => {
  expect(execFileSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })).toBe('');
  const rated = execFileSync('systemd-analyze', ['security', '--offline=true', '--threshold=20', unit], {
    encoding: 'utf8',
  });
  expect(rated).toContain('Overall exposure level for lookout.service: 1.');
});
