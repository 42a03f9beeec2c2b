import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { enqueue } from '../../../src/ingest/store-event.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { startChild } from '../../support/child.ts';
import { anEvent } from '../../support/events.ts';
import { aNewDelivery, aNewEvent } from '../../support/new-event.ts';
import { until } from '../../support/until.ts';
import { key, program, useCommandFolder } from './command-folder.ts';

const here = useCommandFolder();
const { lookout, configure, usual, announce, subscribed, states } = here;

describe('lookout run', () => {
  it('shows an event of the source in a console room, and exits with 0 at Ctrl-C', async () => {
    configure(usual());
    const child = lookout(['run']);
    await subscribed(child);
    announce(1, 'Hello, room');
    await child.waitForOutput((line) => line.includes('Hello, room'), 'the message');
    expect(await child.end('SIGINT')).toEqual({ code: 0, signal: null });
    expect(child.lines.join('\n')).not.toContain(key);
  });

  it('exits with 1 if the key is rejected at the start, and names the origin of the key, not the key', async () => {
    configure(usual());
    const child = lookout(['run'], { KEY: 'a-wrong-key-nobody-may-see' });
    expect((await child.exited).code).toBe(1);
    const said = child.lines.join('\n');
    expect(said).toMatch(/config\.yaml/);
    expect(said).not.toContain('a-wrong-key-nobody-may-see');
  });

  it('continues if the key is rejected but deliveries are waiting', async () => {
    configure(usual());
    const first = lookout(['run']);
    await subscribed(first);
    await first.end('SIGTERM');
    const store = await openStore(join(here.folder, 'lookout.db'));
    const event = anEvent({ model: 'announcements', class: 'Announcement', id: 7, subject: 'announcement:7' });
    const item = aNewEvent(event, { deliveries: [aNewDelivery(1)], awaitPostUntil: Date.now() + 600_000 });
    await store.db.transaction().execute((trx) => enqueue(trx, item));
    await store.close();
    const second = lookout(['run'], { KEY: 'a-wrong-key' });
    await second.waitForLine((line) => line.includes('pending deliveries are still sent'), 'the word on what waits');
    expect((await second.end('SIGTERM')).code).toBe(0);
  });

  it('ends when its console rooms have no reader any more and there are no other rooms', async () => {
    configure(usual());
    const child = startChild('sh', ['-c', `"${process.execPath}" "${program}" run | true; echo ended >&2`], {
      cwd: here.folder,
      env: { PATH: process.env.PATH, KEY: key },
    });
    here.children.push(child);
    await subscribed(child);
    announce(1, 'Nobody hears');
    await child.waitForLine((line) => line.includes('standard output has no reader any more'), 'the reason');
    await child.waitForLine((line) => line === 'ended', 'the end');
  });

  it('does not touch a database that another run uses', async () => {
    configure(usual());
    const first = lookout(['run']);
    await subscribed(first);
    // Repeated, because the check itself must not end the lock.
    for (let n = 0; n < 2; n++) {
      const second = lookout(['run']);
      expect((await second.exited).code).toBe(1);
      expect(second.lines.join('\n')).toContain(`is in use by another Lookout (process ${first.pid}): stop it first`);
    }
  });

  it('does not touch it even after its lock file was removed, and lets other commands read; a kill ends that', async () => {
    configure(usual());
    const first = lookout(['run']);
    await subscribed(first);
    rmSync(join(here.folder, 'lookout.db-lock'));
    const second = lookout(['run']);
    expect((await second.exited).code).toBe(1);
    expect(second.lines.join('\n')).toContain(`in use by another Lookout (process ${first.pid})`);
    expect((await lookout(['outbox', 'list']).exited).code).toBe(0);
    announce(1, 'Still here');
    await first.waitForOutput((line) => line.includes('Still here'), 'the message');
    await first.end('SIGKILL');
    rmSync(join(here.folder, 'lookout.db-lock'));
    await subscribed(lookout(['run']));
  });

  it('takes two signals within half a second for one', async () => {
    configure(usual());
    const child = lookout(['run']);
    await subscribed(child);
    process.kill(child.pid, 'SIGINT');
    process.kill(child.pid, 'SIGINT');
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });

  it.each(['SIGINT', 'SIGTERM'])('exits silently with 0 at a %s during loading', async (signal) => {
    configure(usual());
    const hook = `import { registerHooks } from 'node:module';
      registerHooks({ resolve(what, context, next) {
        if (what.endsWith('/main.ts')) process.kill(process.pid, '${signal}');
        return next(what, context);
      } });`;
    const child = startChild(process.execPath, ['--import', `data:text/javascript,${hook}`, program, 'run'], {
      cwd: here.folder,
      env: { PATH: process.env.PATH, KEY: key },
    });
    here.children.push(child);
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect([child.lines, existsSync(join(here.folder, 'lookout.db'))]).toEqual([[], false]);
  });

  it('exits with 0 at Ctrl-C while its output is not read, and loses nothing', async () => {
    configure(usual());
    const pipe = join(here.folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const held = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    expect(() => {
      for (;;) writeSync(held, 'x'.repeat(4_096));
    }).toThrow('EAGAIN');
    const child = spawn(process.execPath, [program, 'run'], {
      cwd: here.folder,
      env: { PATH: process.env.PATH, KEY: key },
      stdio: ['ignore', held, 'pipe'],
    });
    try {
      const exited = once(child, 'exit');
      const lines = createInterface({ input: child.stderr! });
      for await (const line of lines) if (line.includes('"state":"subscribed"')) break;
      announce(1, 'Nobody reads');
      announce(2, 'Nobody reads this either');
      await until(() => states().join() === 'planned,waiting');
      child.kill('SIGINT');
      expect(await exited).toEqual([0, null]);
      expect(states()).toEqual(['planned', 'waiting']);
    } finally {
      child.kill('SIGKILL');
      closeSync(held);
    }
  });

  it('continues after kill -9 where it was, with the same file', async () => {
    configure(usual());
    const first = lookout(['run']);
    await subscribed(first);
    await first.end('SIGKILL');
    const second = lookout(['run']);
    await subscribed(second);
    announce(2, 'After the kill');
    await second.waitForOutput((line) => line.includes('After the kill'), 'the message');
  });

  it('does not run a bad configuration, and reports where it is wrong', async () => {
    configure(usual('color: blue\n'));
    const child = lookout(['run']);
    expect((await child.exited).code).toBe(2);
    expect(child.lines.join('\n')).toMatch(/config\.yaml:5:1: .*color/);
  });
});
