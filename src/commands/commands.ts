import { platformOf } from '../config/platform.ts';
import { paragraph } from '../render/say.ts';
import { formatDuration } from '../time/duration.ts';
import type { PlatformName } from '../words.ts';
import { type AnswerOptions, answerCommand, refusal } from './answer-command.ts';
import type { Command } from './command.ts';
import type { CommandRoom } from './command-room.ts';
import { type Choice, type Completion, type CompletionParts, choicesFor } from './complete.ts';
import { isForUs } from './for-us.ts';
import { findAnswer } from './handled.ts';
import type { Answer, Asker, Invocation } from './invocation.ts';
import { createRateLimit } from './rate-limit.ts';
import { createStrangerLimit } from './stranger-limit.ts';
import { mayChange } from './who-may.ts';

export interface CommandsOptions extends AnswerOptions {
  /** The room that an invocation was made in, ours or not. */
  readonly findRoom: (invocation: Pick<Invocation, 'platform' | 'room' | 'direct'>) => Promise<CommandRoom>;
  /** The parts that options are completed from. */
  readonly completion: CompletionParts;
}

/** The one way in for every front. */
export interface Commands {
  readonly table: readonly Command[];
  /** Returns the room of that address, ours or not. */
  readonly findRoom: CommandsOptions['findRoom'];
  /** Runs a command and says what became of it; null: say nothing. Never throws. */
  run(invocation: Invocation): Promise<Answer | null>;
  /** Returns true if a person wrote so many commands that none is read for now: then nothing about them needs to be fetched. */
  ignores(platform: PlatformName, asker: string): boolean;
  /** Returns true if a line that other bots may be meant by too is answered. */
  isForUs(line: string): boolean;
  /** Returns the meanings that an option may get while it is written, the likeliest first. Never throws. */
  complete(completion: Completion): Promise<readonly Choice[]>;
}

export function createCommands(options: CommandsOptions): Commands {
  const { db, now, log } = options;
  const isTrusted = (platform: PlatformName) => peopleOf(options, platform).trusted !== null;
  const allowance = createRateLimit();
  const strangers = createStrangerLimit();
  /** One after the other: each is checked against what the one before it left, and a key that comes twice at once is run once. */
  let last: Promise<unknown> = Promise.resolve();

  async function answer(invocation: Invocation): Promise<Answer | null> {
    const { key, platform, isOperator = false } = invocation;
    const known = key === null ? null : await findAnswer(db, key);
    if (known !== null) return known;
    if (invocation.isOld === true) {
      log.info({ platform, room: invocation.room }, 'a command that was written before the start is not run');
      return null;
    }
    const person = `${platform}:${invocation.asker.id}`;
    const allowed = isOperator || isTrusted(platform) ? fine : allowance.ask(person, now());
    if (allowed.outcome === 'silent') return null;
    const room = await options.findRoom(invocation);
    const isStranger = invocation.answered === 'counted' && !mayChangeAnything(options, invocation.asker, room);
    if (isStranger && (allowed.outcome === 'full' || !strangers.allows(person, now()))) return null;
    if (allowed.outcome === 'full')
      return refusal([paragraph(`Too many commands: the next one is read in ${formatDuration(allowed.waitMs)}.`)]);
    const given = await answerCommand(options, invocation, room);
    return isStranger ? { ...given, isLast: true } : given;
  }

  return {
    get table() {
      return options.table;
    },
    findRoom: options.findRoom,
    ignores: (platform, asker) => !isTrusted(platform) && allowance.isSilent(`${platform}:${asker}`, now()),
    isForUs: (line) => isForUs(line, options.table),
    async complete(completion) {
      try {
        return choicesFor(completion, options.table, await options.findRoom(completion), options.completion);
      } catch (err) {
        log.error({ platform: completion.platform, err }, 'an option could not be completed');
        return [];
      }
    },
    async run(invocation) {
      const running = last.then(() => answer(invocation));
      last = running.catch(() => {});
      try {
        return await running;
      } catch (err) {
        log.error({ platform: invocation.platform, room: invocation.room, err }, 'a command failed on our side');
        return refusal([paragraph('That failed on our side, and nothing was changed. The log says more.')]);
      }
    },
  };
}

const fine = { outcome: 'fine' } as const;

const peopleOf = ({ platforms }: AnswerOptions, platform: PlatformName) => platformOf(platforms, platform).people;

/** Returns false in a room that is not one of ours: no command changes anything there. */
function mayChangeAnything(options: AnswerOptions, asker: Asker, room: CommandRoom): boolean {
  const here = room.id === null ? { ...asker, manages: false, power: null } : asker;
  return mayChange(here, options.changersOf(room), peopleOf(options, room.platform));
}
