import type { Network } from '../../http/network.ts';
import type { Log } from '../../log.ts';
import type { Secret } from '../../secrets/secret.ts';
import { type JsonObject, listOf, objectOf } from '../../text/json.ts';
import type { Clock } from '../../time/clock.ts';
import type { Connection, Listener } from '../adapter.ts';
import type { OtherShards } from '../shards.ts';
import type { DiscordClient } from './client.ts';
import { idOf } from './exchange.ts';
import { createGateway } from './gateway.ts';
import type { GatewayMemory } from './gateway-memory.ts';
import { createGuildWatch } from './guild-watch.ts';
import { type Heard, readHeard } from './heard.ts';
import type { RoomOf } from './interaction.ts';
import { createInteractions } from './interactions.ts';
import { registerCommands } from './register-commands.ts';
import { sayOnDiscord } from './say.ts';
import { type CommandForm, slashCommands } from './slash-commands.ts';

/** Options for offering the commands. */
export interface DiscordCommands {
  /** Ids of the servers where they are registered; none: globally. */
  readonly guilds: readonly string[];
  readonly form: CommandForm;
  /** True if everyone is shown the commands that only some may use: the configuration names people whom Discord does not know. */
  readonly shownToAll: boolean;
}

/** The parts that the bot uses. */
export interface FrontOptions {
  readonly client: DiscordClient;
  readonly api: string;
  readonly token: Secret;
  readonly network: Network;
  readonly memory: GatewayMemory;
  /** The shards that other units open; null: there are no such units. */
  readonly others: OtherShards | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly roomOf: RoomOf;
  /** Aborted when the bot ends. */
  readonly signal: AbortSignal;
}

/** Where people on Discord reach the commands: the gateway tells what they do, and they are told what there is. */
export interface Front {
  /** Once is enough. */
  start(): void;
  /** The shards of the gateway; empty if there is one. */
  connections(): readonly Connection[];
  /** Resolves when everything has ended, after `signal` was aborted. */
  stop(): Promise<void>;
}

/** Age from which an event of another unit is of no use, ms: nothing can be answered with its token (https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages). */
const staleAfterMs = 15 * 60_000;

export function createFront(commands: DiscordCommands, listener: Listener, options: FrontOptions): Front {
  const { log, others, signal } = options;
  const { run, complete, greet, table } = listener;
  const say = sayOnDiscord(table, commands.form);
  const watch = createGuildWatch({ ...options, greet, say });
  const interactions = createInteractions({ ...options, run, complete, say });
  let registered: Promise<void> = Promise.resolve();
  const onDispatch = (name: string, data: JsonObject) => {
    if (name === 'INTERACTION_CREATE') interactions.handle(data);
  };
  const tell = (heard: Heard, ageMs: number) => {
    switch (heard.kind) {
      case 'ready':
        return watch.ready(heard.guilds, heard.shard);
      case 'takenOver':
        return watch.takenOver(heard.shard);
      case 'countRefused':
        return gateway.refuse(heard.count);
      case 'event':
        if (ageMs < staleAfterMs) onDispatch(heard.name, heard.data);
        else log.debug({ platform: 'discord', ageMs }, 'an interaction came too late to be answered');
        return;
      default:
        heard satisfies never;
    }
  };
  const gateway = createGateway({
    ...options,
    onReady({ application, guilds }, shard) {
      const id = idOf(objectOf(application).id);
      if (id === null) return;
      const present = guildIds(guilds);
      watch.ready(present, shard);
      // Commands are the same for all servers.
      if (shard.id !== 0) return;
      const wanted = slashCommands(listener.table, commands);
      const other = slashCommands(listener.table, { ...commands, form: commands.form === 'top' ? 'grouped' : 'top' });
      registered = registered
        .then(() => registerCommands({ ...options, application: id, guilds: commands.guilds, present, wanted, other }))
        .catch((err: unknown) => log.error({ platform: 'discord', err }, 'commands could not be registered'));
    },
    onCount(count) {
      watch.divide(count);
      // Shards that are open in other units say nothing of themselves.
      if (others !== null) for (let id = 1; id < count; id++) watch.takenOver({ id, count });
    },
    onTakenOver: (shard) => watch.takenOver(shard),
    onDispatch,
  });
  return {
    start() {
      if (signal.aborted) return;
      // Nothing can be answered before the login.
      others?.listen((heard, ageMs) => tell(readHeard(heard), ageMs));
      gateway.start();
    },
    connections: () => gateway.connections(),
    async stop() {
      others?.listen(null);
      await gateway.stop();
      await Promise.all([registered, interactions.settled(), watch.settled()]);
    },
  };
}

/** Returns the ids of the servers that a new session names. */
export const guildIds = (guilds: unknown): string[] =>
  listOf(guilds).flatMap((guild) => idOf(objectOf(guild).id) ?? []);
