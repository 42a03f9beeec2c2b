import type { Adapter } from '../adapters/adapter.ts';
import type { Platform } from '../adapters/platform.ts';
import { createReplaceableAdapter, type ReplaceableAdapter } from '../adapters/replaceable-adapter.ts';
import type { CurrentConfig } from '../config/per-config.ts';
import { platformOf } from '../config/platform.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { AccountKeeper } from '../outbox/send/account.ts';
import type { Database } from '../store/tables.ts';
import type { Writer } from '../store/writer.ts';
import type { PlatformName } from '../words.ts';
import { createAdapter } from './create-adapters.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Monitoring } from './monitoring.ts';
import type { AppOptions, Ending } from './options.ts';

export interface AccountsParts {
  readonly db: Database;
  readonly writer: Writer;
  readonly monitoring: Monitoring;
  readonly config: CurrentConfig;
  /** Ends the process. */
  readonly end: (ending: Ending) => void;
}

/** The parts that an account is connected to. */
export interface AccountUsers {
  readonly outbox: Pick<Outbox, 'accounts' | 'addAccount' | 'removeAccount' | 'accountChanged'>;
  /** Makes the account's adapter pass on what people write. */
  readonly listen: (keeper: AccountKeeper) => void;
}

/** The accounts on the platforms, one each. */
export interface Accounts {
  /** Creates the adapters of every platform that is set up. No socket is opened before they log in. */
  createAll(): Promise<readonly Adapter[]>;
  /** Puts the settings of a platform into effect: its account begins, logs in again, or ends. */
  configure(name: PlatformName, users: AccountUsers): Promise<void>;
}

export function createAccounts(options: AppOptions, parts: AccountsParts, lifecycle: Lifecycle): Accounts {
  const { platforms, clock } = options;
  const { db, writer, monitoring, config, end } = parts;
  const adapters = new Map<PlatformName, ReplaceableAdapter>();
  /** The platforms whose adapter is stopped at the end. */
  const stopped = new Set<PlatformName>();

  const make = (platform: Platform) =>
    createAdapter(platform, config(), options, { db, writer, end, count: (...what) => monitoring.count(...what) });

  function add(adapter: Adapter): Adapter {
    const { platform } = adapter;
    const replaceable = createReplaceableAdapter(adapter, clock);
    adapters.set(platform, replaceable);
    // It may come and go any number of times.
    if (!stopped.has(platform)) lifecycle.onStop(`the ${platform} adapter`, () => adapters.get(platform)?.stop());
    stopped.add(platform);
    return monitoring.counted(replaceable);
  }

  return {
    async createAll() {
      const created = await Promise.all(platforms.map(make));
      return created.flatMap((adapter) => (adapter === null ? [] : [add(adapter)]));
    },
    async configure(name, { outbox, listen }) {
      const platform = platformOf(platforms, name);
      const known = adapters.get(name);
      if (config().chats[name] == null) {
        adapters.delete(name);
        await outbox.removeAccount(name);
        await known?.stop();
        return;
      }
      if (known === undefined) {
        const adapter = await made(make(platform));
        const keeper = outbox.addAccount(add(adapter));
        listen(keeper);
        keeper.start();
        return;
      }
      const keeper = outbox.accounts.find(({ adapter }) => adapter.platform === name);
      await keeper?.logInAgain(() => known.replace(() => made(make(platform))));
      outbox.accountChanged(name);
    },
  };
}

async function made(adapter: Promise<Adapter | null>): Promise<Adapter> {
  const there = await adapter;
  if (there === null) throw new Error('a platform that is set up has no adapter');
  return there;
}
