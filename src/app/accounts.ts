import { accountsOf } from '../account-id.ts';
import type { Adapter } from '../adapters/adapter.ts';
import { createReplaceableAdapter, type ReplaceableAdapter } from '../adapters/replaceable-adapter.ts';
import type { CurrentConfig } from '../config/per-config.ts';
import type { AccountAdapter, Outbox } from '../outbox/outbox.ts';
import type { AccountKeeper } from '../outbox/send/account.ts';
import type { Database } from '../store/tables.ts';
import type { Writer } from '../store/writer.ts';
import type { AccountId } from '../words.ts';
import type { Base } from './build-base.ts';
import { type AdaptersParts, createAdapter } from './create-adapters.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Monitoring } from './monitoring.ts';
import type { AppOptions, Ending } from './options.ts';
import { createOtherShards } from './other-shards.ts';
import { hasRoom } from './share.ts';

export interface AccountsParts {
  readonly db: Database;
  readonly writer: Writer;
  readonly monitoring: Monitoring;
  readonly config: CurrentConfig;
  /** Calls back with each signal of another unit. */
  readonly onNote: Base['onNote'];
  /** Ends the process. */
  readonly end: (ending: Ending) => void;
}

/** The parts that an account is connected to. */
export interface AccountUsers {
  readonly outbox: Pick<Outbox, 'accounts' | 'addAccount' | 'removeAccount' | 'accountChanged'>;
  /** Makes the account's adapter pass on what people write. */
  readonly listen: (keeper: AccountKeeper) => void;
}

/** The accounts on the platforms. */
export interface Accounts {
  /** Creates the adapters of every account that is set up. No socket is opened before they log in. */
  createAll(): Promise<readonly AccountAdapter[]>;
  /** Stops an account whose token another account has from now on, until it is configured: two never use one at once. */
  release(id: AccountId, users: Pick<AccountUsers, 'outbox'>): Promise<void>;
  /** Puts the settings of an account into effect: it begins, logs in again, or ends. */
  configure(id: AccountId, users: AccountUsers): Promise<void>;
}

export function createAccounts(options: AppOptions, parts: AccountsParts, lifecycle: Lifecycle): Accounts {
  const { clock, share = null } = options;
  const { db, writer, monitoring, config, end } = parts;
  const adapters = new Map<AccountId, ReplaceableAdapter>();
  /** An account in a unit of its own has its shards in others. */
  const others =
    share === null || share.account === null
      ? {}
      : { otherShards: createOtherShards({ ...options, ...parts, share, account: share.account }, lifecycle) };
  /** The accounts whose adapter is stopped at the end. */
  const stopped = new Set<AccountId>();

  async function make(id: AccountId): Promise<Adapter> {
    const count: AdaptersParts['count'] = (...what) => monitoring.count(...what);
    const adapter = await createAdapter(id, config(), options, { db, writer, end, count, ...others });
    if (adapter === null) throw new Error('an account that is set up has no adapter');
    return adapter;
  }

  function add(id: AccountId, adapter: Adapter): AccountAdapter {
    const replaceable = createReplaceableAdapter(adapter, clock);
    adapters.set(id, replaceable);
    // It may come and go any number of times.
    if (!stopped.has(id)) lifecycle.onStop(`the ${id} adapter`, () => adapters.get(id)?.stop());
    stopped.add(id);
    return { id, adapter: monitoring.counted(replaceable, id) };
  }

  return {
    createAll() {
      const ids = options.platforms
        .flatMap(({ name }) => accountsOf(config().chats, name))
        .filter((id) => hasRoom(share, { account: id }));
      return Promise.all(ids.map(async (id) => add(id, await make(id))));
    },
    async release(id, { outbox }) {
      const keeper = outbox.accounts.find((one) => one.id === id);
      await keeper?.logInAgain(async () => adapters.get(id)?.end());
    },
    async configure(id, { outbox, listen }) {
      if (!hasRoom(share, { account: id })) return;
      const known = adapters.get(id);
      if (config().chats[id] == null) {
        adapters.delete(id);
        await outbox.removeAccount(id);
        await known?.stop();
        return;
      }
      if (known === undefined) {
        const keeper = outbox.addAccount(add(id, await make(id)));
        listen(keeper);
        keeper.start();
        return;
      }
      const keeper = outbox.accounts.find((one) => one.id === id);
      await keeper?.logInAgain(() => known.replace(() => make(id)));
      outbox.accountChanged(id);
    },
  };
}
