import type { Everywhere } from '../commands/answer-command.ts';
import type { Commands } from '../commands/commands.ts';
import type { StatusParts } from '../commands/status.ts';
import type { AccountKeeper } from '../outbox/send/account.ts';
import { keepMutes } from '../rooms/keep-mutes.ts';
import { raiseChangeVersion } from '../store/change-version.ts';
import { sleep } from '../time/clock.ts';
import type { Base } from './build-base.ts';
import type { Delivery } from './build-delivery.ts';
import type { Subscribed } from './build-ingest.ts';
import { inputOf } from './build-inputs.ts';
import { createRoomCommands } from './connect-commands.ts';
import type { Lifecycle } from './lifecycle.ts';
import { createListen } from './listen-to-people.ts';
import type { AppOptions } from './options.ts';
import { createStatusParts } from './read-status.ts';
import type { SourceFacts } from './share.ts';

export interface Surfaces {
  /** Makes the adapter of an account pass on what people write. */
  readonly listen: (keeper: AccountKeeper) => void;
  readonly commands: Commands;
  readonly status: StatusParts;
}

export interface SurfacesParts {
  readonly base: Base;
  readonly delivery: Delivery;
  readonly ingest: Subscribed;
  /** Returns how the source is. */
  readonly source: () => SourceFacts;
  /** Requests these events from the source from now on, an event spec. */
  readonly ask: (events: string) => void;
}

/** Builds the parts that people use: commands in the rooms, ends of mutes. */
export async function buildSurfaces(
  options: AppOptions,
  parts: SurfacesParts,
  lifecycle: Lifecycle,
): Promise<Surfaces> {
  const { clock, log } = options;
  const { base, delivery } = parts;
  const { db, directory } = base;
  const { mutes, quiet, outbox } = delivery;
  const status = createStatusParts(options, parts);
  const commands = connectCommands(options, { ...parts, status });
  const listen = createListen(options, { base, outbox, commands });
  for (const keeper of outbox.accounts) listen(keeper);
  const keeper = keepMutes({ db, mutes, quiet, wake: directory.wake, clock, log });
  lifecycle.onStop('the ends of mutes', () => keeper.stop());
  await keeper.begun;
  return { listen, commands, status };
}

interface CommandsParts extends SurfacesParts {
  readonly status: StatusParts;
}

function connectCommands(options: AppOptions, parts: CommandsParts): Commands {
  const { platforms, clock, log } = options;
  const { base, delivery, ingest, status } = parts;
  const { db, config, directory } = base;
  const { mutes, quiet, outbox, renderer, masked } = delivery;
  return createRoomCommands({
    ...{ config, platforms, db, live: ingest.live, mutes, quiet, directory, outbox, renderer, masked, status, log },
    ask: parts.ask,
    everywhere: everywhereOf(options, base),
    sites: () => ingest.names.sites(),
    clock,
    samples: inputOf(options).samples,
  });
}

/** Longest wait for the leader to act by what a command changed, ms. */
const IN_FORCE_MS = 3_000;
/** Interval between two looks at what it acts by, ms: its signal may be lost. */
const LOOK_MS = 100;

/** Tells the leader, in another unit, what commands changed; null: it is here. */
function everywhereOf({ clock }: AppOptions, { signals, share, onNote }: Base): Everywhere | null {
  if (signals === null || share === null) return null;
  let read = 0;
  onNote((note) => {
    read = Math.max(read, note.read ?? 0);
  });
  return {
    note: raiseChangeVersion,
    async inForce(version) {
      signals.tell({ changed: version });
      const giveUpAt = clock.monotonic() + IN_FORCE_MS;
      const isRead = () => Math.max(read, share.leader()?.read ?? 0) >= version;
      while (!isRead() && clock.monotonic() < giveUpAt) await sleep(clock, LOOK_MS);
      return isRead();
    },
  };
}
