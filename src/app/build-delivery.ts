import { platformOfAccount } from '../account-id.ts';
import type { Config, Waves } from '../config/config.ts';
import { perConfig } from '../config/per-config.ts';
import { platformOf } from '../config/platform.ts';
import { defaultWaves } from '../config/read-rooms.ts';
import { createMuteNotice } from '../notices/mute-notice.ts';
import { createOperators, type TellOperators } from '../notices/operator-notices.ts';
import type { Draw } from '../outbox/compose/draw.ts';
import { createHoldCheck } from '../outbox/compose/hold.ts';
import { createOutbox, type Outbox } from '../outbox/outbox.ts';
import type { Templates } from '../render/load-templates.ts';
import { createRenderer, type Renderer } from '../render/renderer.ts';
import { createMaskedRooms, type MaskedRooms } from '../rooms/masked-rooms.ts';
import type { IsOurs } from '../rooms/mute-rows.ts';
import { createMutes, type Mutes } from '../rooms/mutes.ts';
import { createQuietRules, type QuietRules } from '../rooms/quiet-rules.ts';
import { type Accounts, createAccounts } from './accounts.ts';
import type { Base } from './build-base.ts';
import { createDraw } from './draw-messages.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Monitoring } from './monitoring.ts';
import type { AppOptions, Ending } from './options.ts';
import { quietInFile } from './quiet-in-file.ts';
import { hasRoom, isLeader, roomsWithWorkOf } from './share.ts';

/** The way out: from deliveries in the store to messages in rooms. */
export interface Delivery {
  readonly renderer: Renderer;
  readonly masked: MaskedRooms;
  readonly mutes: Mutes;
  readonly quiet: QuietRules;
  readonly tell: TellOperators;
  readonly outbox: Outbox;
  readonly accounts: Accounts;
  /** Number of conditions that could not be evaluated for a held delivery since the start. */
  readonly holdsFailed: () => number;
}

export interface DeliveryParts {
  readonly base: Base;
  readonly monitoring: Monitoring;
  /** Ends the process. */
  readonly end: (ending: Ending) => void;
}

/** Builds adapters, mutes, the operators' notices and the outbox over them. Nothing is sent before `outbox.start`. */
export async function buildDelivery(
  options: AppOptions,
  { base, monitoring, end }: DeliveryParts,
  lifecycle: Lifecycle,
): Promise<Delivery> {
  const { platforms, clock, log, safeguards } = options;
  const { catalogue, source } = options.config;
  const { db, writer, events, inEffect, config, directory, share, storedUntil, onNote } = base;
  const accounts = createAccounts(options, { db, writer, monitoring, config, onNote, end }, lifecycle);
  const created = await accounts.createAll();
  const masked = createMaskedRooms(() => config().rooms, directory);
  const isOurs: IsOurs | null = share === null ? null : (room) => hasRoom(share, room);
  const mutes = createMutes({
    db,
    isOurs,
    catalogue,
    onEnd: createMuteNotice({ links: source.kind.links, masked }),
    log,
  });
  const quiet = createQuietRules({ db, isOurs, configured: quietInFile(base), log });
  await Promise.all([mutes.load(), quiet.load()]);
  const operators = createOperators({
    db,
    roomId() {
      const address = config().operators;
      return address === null ? undefined : directory.roomId(address);
    },
    wake: directory.wake,
    clock,
    log,
  });
  lifecycle.onStop('the notices to operators', () => operators.settled());
  const templates: Templates = {
    get: (name) => config().templates.get(name),
    get names() {
      return config().templates.names;
    },
  };
  const renderer = createRenderer(templates, source.kind.links);
  const draw = perConfig(config, (now) => createDraw({ config: now, db, renderer, masked, clock, log }));
  const waves = perConfig(config, wavesOf);
  let holdsFailed = 0;
  const outbox = createOutbox({
    ...{ db, writer, events, directory, accounts: created, platforms, clock, log, safeguards, rooms: inEffect.rooms },
    storedUntil,
    usersElsewhere: () => share?.users() ?? new Map(),
    draw: drawBy(draw),
    sentLevel: options.logLevel.sentLevel,
    cancelReason: createHoldCheck({ db, catalogue, clock, log, onFailed: () => void holdsFailed++ }),
    isPaused: (roomId, now) => mutes.holding(roomId).some((mute) => mute.events === null && mute.until > now),
    async onTookOver(...roomIds) {
      // First, since mutes of quiet hours that no room has any more end.
      await quiet.load();
      await mutes.changed(...roomIds);
    },
    async mutedBy(roomId, event, now) {
      if (mutes.holding(roomId).length === 0) return null;
      const mute = await mutes.judge(roomId, await event(), now);
      return mute === null ? null : String(mute.id);
    },
    wavesOf: (room) => waves()(room.address),
    keepMs: isLeader(share) ? () => config().store.keepMs : null,
    roomsWithWork: () => roomsWithWorkOf(db, share),
    onChange: base.changedOutside,
    tell: operators.tell,
    onAccountBroken(account, reason) {
      operators.tell(`${account} broken`, `${account} takes nothing from us: ${reason}. Its rooms wait.`, account);
      const { brokenForGood } = platformOf(platforms, platformOfAccount(account));
      const all = share === null ? inEffect.rooms : config().rooms;
      const isLast = all.every((room) => platformOf(platforms, room.platform).brokenForGood !== null);
      if (brokenForGood !== null && isLast)
        end({ reason: 'unread', text: `${brokenForGood}, and there is no other room` });
    },
  });
  lifecycle.onDrain('the outbox', (now) => outbox.stop(now));
  return { renderer, masked, mutes, quiet, tell: operators.tell, outbox, accounts, holdsFailed: () => holdsFailed };
}

/** Draws by the configuration in effect, with its time zones and templates. */
function drawBy(draw: () => Draw): Draw {
  return {
    hidden: (...about) => draw().hidden(...about),
    event: (...about) => draw().event(...about),
    content: (...about) => draw().content(...about),
    card: (...about) => draw().card(...about),
    pageOf: (event) => draw().pageOf(event),
    facts: (subject) => draw().facts(subject),
  };
}

/**
 * Returns a function that returns the waves of a room by its address; a room made by a command has the default. Null: one message per
 * event.
 */
export function wavesOf({ rooms }: Pick<Config, 'rooms'>): (address: string) => Waves | null {
  const byAddress = new Map(rooms.map(({ address, waves }) => [address, waves]));
  return (address) => {
    const waves = byAddress.get(address);
    return waves === undefined ? defaultWaves : waves;
  };
}
