import { setTimeout as pause } from 'node:timers/promises';
import { firstLines } from '../e2e/support/discord-channels.ts';
import type { Random } from '../e2e/support/random.ts';
import type { Emission } from './emission.ts';
import { faults, type Victims } from './faults.ts';
import { machineFaults } from './machine-faults.ts';
import type { Stage } from './stage.ts';
import type { StageRoom } from './stage-rooms.ts';

/** New messages, and edits of old ones. */
const toDiscord = /^(POST|PATCH) \/channels\/\d+\/messages/;

/** Faults at random instants, and the facts about them that the judge needs. */
export interface Injection {
  /** Injects some faults, at least `fewest`, within a time, ms of real time. */
  run(withinMs: number, fewest: number): Promise<void>;
  /** Number of injected faults of each kind. */
  readonly counts: ReadonlyMap<string, number>;
  /** The room in which a moderator deletes messages; null: there is none. */
  readonly moderated: StageRoom | null;
  /** The texts of messages that the moderator deleted, by platform id. */
  readonly deleted: ReadonlyMap<string, string>;
  /** Returns true if the rooms could not be read for a while. */
  wereUnreadable(): boolean;
}

export function createInjection(stage: Stage, emission: Emission, random: Random): Injection {
  const { discord, rooms, matrix, rails, clocks } = stage;
  const moderated = rooms.find(({ platform, shows }) => platform === 'discord' && shows === 'digest') ?? null;
  const channels = [...rooms.flatMap(({ platform, place }) => (platform === 'discord' ? [place] : [])), stage.cards];
  const counts = new Map<string, number>();
  const deleted = new Map<string, string>();
  let isSourceUp = true;
  let wereUnreadable = false;

  const healSends = () => {
    discord.forgetNext();
    matrix.forgetNextSends();
  };

  const victims: Victims = {
    ...stage,
    spoilSend: (platform, answer) =>
      platform === 'discord' ? discord.next(toDiscord, answer) : matrix.nextSend(answer),
    spoilKeys: matrix.nextKeys,
    healSends,
    logIn: matrix.logIn,
    killLookout: (pauseMs, meanwhile = () => {}) => stage.lookout.kill(pauseMs, meanwhile),
    async killSource(pauseMs) {
      if (!isSourceUp) return;
      isSourceUp = false;
      await rails.kill();
      await pause(pauseMs);
      await rails.restart();
      isSourceUp = true;
    },
    letTimePass: () => emission.pass(clocks.letTimePass()),
    forbidReading(forMs) {
      wereUnreadable = true;
      const setAll = (without: Parameters<typeof discord.setPermissions>[1]) => {
        for (const channel of channels) discord.setPermissions(channel, without);
      };
      setAll(['ReadMessageHistory']);
      const allow = matrix.forbidReading();
      setTimeout(() => {
        setAll([]);
        allow();
      }, forMs);
    },
    deleteNewest() {
      const newest = moderated === null ? undefined : discord.messages(moderated.place).at(-1);
      if (moderated === null || newest === undefined) return;
      deleted.set(newest.id, [...firstLines(newest), JSON.stringify(newest.embeds)].join('\n'));
      discord.deleteMessage(moderated.place, newest.id);
    },
  };

  /** Chooses a fault, with several processes mostly one of theirs. */
  function chosen(): { readonly kind: string; readonly inject: () => Promise<void> | void } {
    const { several } = stage;
    if (several !== null && random.chance(70)) {
      const fault = random.pick(machineFaults);
      return { ...fault, inject: () => fault.inject({ ...several, victims }, random) };
    }
    const fault = random.pick(faults);
    return { ...fault, inject: () => fault.inject(victims, random) };
  }

  return {
    async run(withinMs, fewest) {
      // Some faults stop both processes and start them again, so they come one after the other.
      const count = fewest + random.integer(5);
      const times = Array.from({ length: count }, () => random.integer(withinMs)).sort((a, b) => a - b);
      const begin = Date.now();
      for (const time of times) {
        await pause(Math.max(0, begin + time - Date.now()));
        const { kind, inject } = chosen();
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
        stage.say(`--- ${kind}`);
        await inject();
      }
      // A fault that did not fit into its time is not kept for later.
      await pause(Math.max(0, begin + withinMs - Date.now()));
      healSends();
      stage.several?.machines.heal();
    },
    counts,
    moderated,
    deleted,
    wereUnreadable: () => wereUnreadable,
  };
}
