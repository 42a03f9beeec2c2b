import { createConsoleAdapter } from '../../../src/adapters/console/console-adapter.ts';
import { type Arrange, adapterContract } from '../../../src/adapters/contract/contract.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { runner } from '../../contract/runner.ts';

adapterContract(runner, 'console', {
  cannot: {
    badRequest: 'a terminal refuses no text',
    forbidden: 'a terminal refuses no room',
    missing: 'every name is a room',
    limited: 'a terminal has no limits',
    limitedWithoutWait: 'a terminal has no limits',
    timeout: 'a write ends or fails',
    refused: 'there is no connection',
    repeatByKey: 'what is written twice is shown twice',
    find: 'a terminal cannot be read back',
    edit: 'what was printed stays',
    react: 'what was printed stays',
    relate: 'messages stand one below the other',
    mention: 'a terminal pings nobody',
  },
  async start() {
    const shown: string[] = [];
    let failsWith: string | null = null;
    const failing =
      (code: string): Arrange =>
      () => {
        failsWith = code;
      };
    const adapter = createConsoleAdapter({
      input: null,
      clock: systemClock,
      color: false,
      async write(text) {
        const code = failsWith;
        failsWith = null;
        if (code !== null) throw Object.assign(new Error(`write ${code}`), { code });
        shown.push(text);
      },
    });
    return {
      adapter,
      room: 'demo',
      noMessage: 'gone',
      somebody: { kind: 'user', id: '@alice123:example.org' },
      related: async () => [],
      reactions: async () => [],
      pinged: async () => [],
      remove: async () => {},
      limitedForMs: 0,
      secret: null,
      said: [],
      faults: {
        unauthorized: failing('EPIPE'),
        serverError: failing('ENOSPC'),
        lostAfterWriting: failing('ETIMEDOUT'),
      },
      shown: async () => shown,
      stop: () => adapter.stop(),
    };
  },
});
