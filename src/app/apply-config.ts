import { formatEventSpec } from '../catalogue/event-spec.ts';
import type { Config } from '../config/config.ts';
import { tokenOf } from '../config/read-chats.ts';
import type { Change } from '../reload/change.ts';
import { mergeConfigs } from '../reload/merge.ts';
import type { ReloaderOptions, Unapplied } from '../reload/reloader.ts';
import type { AccountId } from '../words.ts';
import type { RoomsInEffect, RoomsParts } from './apply-rooms.ts';
import type { Inputs } from './build-inputs.ts';
import type { Surfaces } from './build-surfaces.ts';
import type { Monitoring } from './monitoring.ts';
import type { AppOptions } from './options.ts';

export interface ApplyParts extends RoomsParts {
  readonly rooms: RoomsInEffect;
  /** Null: another unit listens to the source. */
  readonly inputs: Inputs | null;
  /** Null: no account is here. */
  readonly surfaces: Surfaces | null;
  readonly monitoring: Monitoring;
}

/**
 * Returns a function that puts a configuration into effect. Most parts read the one in effect whenever they need it; the
 * others are told here. A second call with the same changes does again what may have failed.
 */
export function createApply(options: AppOptions, parts: ApplyParts): ReloaderOptions['apply'] {
  const { base, delivery, ingest, rooms, inputs, surfaces, monitoring } = parts;
  const { inEffect } = base;
  const { outbox, accounts } = delivery;
  /** The configuration that the workers of the rooms know: an attempt that failed may have left them behind. */
  let settledBy = inEffect.config;
  /** The settings by which an account was put into effect last. */
  const loggedInBy = new Map<AccountId, unknown>();

  async function configureChats(ids: readonly AccountId[], which: 'set up' | 'gone'): Promise<void> {
    for (const id of ids) {
      const settings = inEffect.config.chats[id] ?? null;
      const isGone = settings === null;
      // A repeated attempt has the same ones, and an account that has logged in by them does not do so again.
      if (isGone !== (which === 'gone') || (!isGone && loggedInBy.get(id) === settings)) continue;
      await accounts.configure(id, { outbox, listen: (keeper) => surfaces?.listen(keeper) });
      loggedInBy.set(id, settings);
    }
  }

  async function configureFetching(): Promise<void> {
    await inputs?.details.configure();
    inputs?.pings.configure();
    await inputs?.missed.configure();
  }

  async function configureMetrics({ metrics }: Config): Promise<readonly Unapplied[]> {
    const reason = await monitoring.configure(metrics);
    return reason === null ? [] : [{ kind: 'metrics', reason }];
  }

  return async (next, changes) => {
    const before = inEffect.config;
    const has = (kind: Change['effect']['kind']) => changes.some(({ effect }) => effect.kind === kind);
    const chats = changes.flatMap(({ effect }) => (effect.kind === 'chat' ? effect.account : []));
    const merged = mergeConfigs(before, next, changes);
    inEffect.config = merged;
    if (has('logLevel')) options.logLevel.setLevel(merged.logLevel);
    if (changes.some(({ key }) => key === 'source.quiet_after')) inputs?.quiet.configure();
    if (has('key') && next.source.key !== null) before.source.key?.become(next.source.key);
    for (const id of chats.filter((one) => isTaken(one, before, merged))) await accounts.release(id, { outbox });
    await configureChats(chats, 'set up');
    // New rooms are there before an event goes to them, and old ones until none does.
    const doRoomsChange = has('rooms') || has('chat');
    if (doRoomsChange) await rooms.begin();
    ingest.live.configure({ fromFile: merged.subscriptions, isRoom: await rooms.isRoom() });
    inputs?.source.ask(formatEventSpec(ingest.live.router.union));
    if (doRoomsChange) {
      await rooms.settle(settledBy);
      settledBy = merged;
    }
    await configureChats(chats, 'gone');
    if (has('key')) inputs?.source.keyChanged();
    if (has('api')) await configureFetching();
    return has('metrics') ? configureMetrics(merged) : [];
  };
}

/** Returns true if the token that an account had is one of another account now: they were renamed or exchanged. */
function isTaken(id: AccountId, before: Config, now: Config): boolean {
  const settings = before.chats[id] ?? null;
  const token = settings === null ? null : tokenOf(settings);
  const isSame = ([other, its]: [AccountId, object | null]) => other !== id && its !== null && tokenOf(its) === token;
  return token !== null && Object.entries(now.chats).some(isSame);
}
