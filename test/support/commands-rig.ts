import type { Commands } from '../../src/commands/commands.ts';
import { silentLog } from '../../src/log.ts';
import { createRenderer } from '../../src/render/renderer.ts';
import { createRoomCommands } from '../../src/room-commands.ts';
import { keepMutes } from '../../src/rooms/keep-mutes.ts';
import { createLiveSubscriptions, type LiveSubscriptions } from '../../src/rooms/live-subscriptions.ts';
import { createMutes, type Mutes } from '../../src/rooms/mutes.ts';
import { read } from '../config/config-files.ts';
import { createOutboxRig, type OutboxRig } from './outbox-rig.ts';

export interface CommandsRig {
  readonly commands: Commands;
  readonly outbox: OutboxRig;
  readonly live: LiveSubscriptions;
  /** What the source was asked for, in order. */
  readonly asked: string[];
  stop(): Promise<void>;
}

const configuration = `source: { url: demo }
chats: { matrix: { homeserver: "https://a.org", token: "\${T}" } }
rooms: { a: "matrix:!a:a.org" }
commands: { per_room: 3 }
subscriptions: [{ events: posts#create, rooms: a }]
`;

/** The commands over a real outbox and store, a scripted platform, and a clock in the test's hand. */
export async function createCommandsRig(): Promise<CommandsRig> {
  const { config, said } = read(configuration, { environment: { T: 't' } });
  if (config === null) throw new Error(said.join('\n'));
  const asked: string[] = [];
  let mutes: Mutes | undefined;
  const address = config.rooms[0]!.address;
  const outbox = await createOutboxRig({
    rooms: [address],
    mutedBy: (roomId, event, now) => mutes?.judge(roomId, event, now)?.id.toString() ?? null,
  });
  const { db } = outbox.store;
  mutes = createMutes(db, config.catalogue, silentLog);
  const { catalogue } = config;
  const live = createLiveSubscriptions({ fromFile: config.subscriptions, stored: [], catalogue, log: silentLog });
  const commands = createRoomCommands({
    config,
    db,
    live,
    mutes,
    outbox: outbox.outbox,
    renderer: createRenderer(config.templates),
    ask: (events) => asked.push(events),
    status: () => ({ source: 'metasmoke, subscribed', lastEventAt: null, events: 0, version: '1.2.3' }),
    now: () => outbox.clock.now(),
    log: silentLog,
  });
  const { clock } = outbox;
  const keeper = keepMutes({ db, mutes, quiet: [], wake: outbox.outbox.wake, clock, log: silentLog });
  return {
    commands,
    outbox,
    live,
    asked,
    async stop() {
      await keeper.stop();
      await outbox.stop();
    },
  };
}
