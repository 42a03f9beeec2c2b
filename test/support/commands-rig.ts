import { platforms } from '../../src/adapters/platforms.ts';
import { createRoomCommands } from '../../src/app/connect-commands.ts';
import type { Commands } from '../../src/commands/commands.ts';
import type { Completion } from '../../src/commands/complete.ts';
import type { Invocation } from '../../src/commands/invocation.ts';
import { waitingIn } from '../../src/commands/room-rows.ts';
import { metasmokeInput } from '../../src/inputs/metasmoke.ts';
import { silentLog } from '../../src/log.ts';
import { links } from '../../src/metasmoke/links.ts';
import { createMuteNotice } from '../../src/notices/mute-notice.ts';
import { createRenderer } from '../../src/render/renderer.ts';
import { keepMutes } from '../../src/rooms/keep-mutes.ts';
import { createLiveSubscriptions, type LiveSubscriptions } from '../../src/rooms/live-subscriptions.ts';
import { createMaskedRooms } from '../../src/rooms/masked-rooms.ts';
import { createMutes, type Mutes } from '../../src/rooms/mutes.ts';
import { createQuietRules } from '../../src/rooms/quiet-rules.ts';
import { read } from '../config/config-files.ts';
import { createOutboxRig, type OutboxRig, type RigOptions } from './outbox-rig.ts';
import { createScriptedAdapter } from './scripted-adapter.ts';

/** The commands, heard by the account without a name. */
export interface HeardCommands extends Omit<Commands, 'run' | 'complete'> {
  run(invocation: Invocation): ReturnType<Commands['run']>;
  complete(completion: Completion): ReturnType<Commands['complete']>;
}

export interface CommandsRig {
  readonly commands: HeardCommands;
  readonly outbox: OutboxRig;
  readonly live: LiveSubscriptions;
  /** What the source was asked for, in order. */
  readonly asked: string[];
  /** Ends it as `kill -9` would, and keeps the store. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Quiet hours in YAML, `quiet: "22:00-07:00"`, or nothing. */
const configuration = (address: string, quiet: string, more: string, also: string) => `source: { url: demo }
chats:
  matrix: { homeserver: "https://a.org", token: "\${T}" }
  discord: { token: "\${T}", api: "https://d.org/api" }
rooms:
  a: { to: "${address}", ${quiet} }
  ${more}
commands: { per_room: 3 }
subscriptions:
  - { events: posts#create, rooms: a }
  ${also}
`;

/** The commands over a real outbox and store, a scripted platform, and a clock in the test's hand. */
export async function createCommandsRig(
  options: Pick<RigOptions, 'store' | 'clock' | 'compares'> & {
    /** The address of room a. */
    readonly room?: string;
    readonly quiet?: string;
    /** Lines of YAML: another room, another subscription. */
    readonly more?: string;
    readonly also?: string;
  } = {},
): Promise<CommandsRig> {
  const { room = 'matrix:!a:a.org', quiet: hoursOf = '', more = '', also = '' } = options;
  const text = configuration(room, hoursOf, more, also);
  const { config, said } = read(text, { environment: { T: 't' } });
  if (config === null) throw new Error(said.join('\n'));
  const asked: string[] = [];
  let mutes: Mutes | undefined;
  const { address, platform, quiet, timeZone } = config.rooms[0]!;
  const outbox = await createOutboxRig({
    ...options,
    adapter: createScriptedAdapter(undefined, platform),
    rooms: [address],
    mutedBy: async (roomId, event, now) => (await mutes?.judge(roomId, event, now))?.id.toString() ?? null,
  });
  const { db } = outbox.store;
  const masked = createMaskedRooms(() => config.rooms, outbox.directory);
  mutes = createMutes({
    db,
    isOurs: null,
    catalogue: config.catalogue,
    onEnd: createMuteNotice({ links, masked }),
    log: silentLog,
  });
  await mutes.load();
  const { catalogue } = config;
  const live = createLiveSubscriptions({
    fromFile: config.subscriptions,
    isRoom: () => true,
    stored: [],
    catalogue,
    log: silentLog,
  });
  const roomId = outbox.directory.roomId(address) ?? -1;
  const configured = {
    quiet: new Map(quiet.length === 0 ? [] : [[roomId, quiet]]),
    timeZones: new Map([[roomId, timeZone]]),
  };
  const quietRules = createQuietRules({ isOurs: null, db, configured: () => configured, log: silentLog });
  await quietRules.load();
  const created = createRoomCommands({
    everywhere: null,
    config: () => config,
    platforms,
    samples: metasmokeInput.samples,
    sites: () => [
      { name: 'Stack Overflow', domain: 'stackoverflow.com' },
      { name: 'Mathematics', domain: 'math.stackexchange.com' },
    ],
    db,
    live,
    mutes,
    quiet: quietRules,
    directory: outbox.directory,
    outbox: outbox.outbox,
    renderer: createRenderer(config.templates, links),
    masked,
    ask: (events) => asked.push(events),
    status: {
      status: () => ({
        source: 'metasmoke, subscribed',
        lastEventAt: null,
        events: 0,
        trouble: () => null,
        connections: () => null,
        refusal: () => null,
        encryption: async () => null,
        gaps: async () => [],
        version: '1.2.3',
        fleet: [],
      }),
      waiting: (roomId) => waitingIn(db, roomId),
      holding: mutes.holding,
    },
    clock: outbox.clock,
    log: silentLog,
  });
  const commands: HeardCommands = {
    ...created,
    run: (invocation) => created.run({ account: invocation.platform, ...invocation }),
    complete: (completion) => created.complete({ account: completion.platform, ...completion }),
  };
  const { clock } = outbox;
  const keeper = keepMutes({ db, mutes, quiet: quietRules, wake: outbox.directory.wake, clock, log: silentLog });
  await keeper.begun;
  return {
    commands,
    outbox,
    live,
    asked,
    async kill() {
      await keeper.stop();
      await outbox.kill();
    },
    async stop() {
      await keeper.stop();
      await outbox.stop();
    },
  };
}
