import { platformOfAccount } from '../account-id.ts';
import { platformOf } from '../config/platform.ts';
import { paragraph } from '../render/say.ts';
import { formatDuration } from '../time/duration.ts';
import type { AccountId, PlatformName } from '../words.ts';
import { type AnswerOptions, answerCommand, refusal } from './answer-command.ts';
import { answererOf } from './answerer.ts';
import type { Command } from './command.ts';
import type { CommandRoom } from './command-room.ts';
import { type Choice, type CompletionParts, choicesFor, type HeardCompletion } from './complete.ts';
import type { HeardPlace } from './find-room.ts';
import { isForUs } from './for-us.ts';
import { findAnswer } from './handled.ts';
import type { Answer, Asker, HeardInvocation } from './invocation.ts';
import { createRateLimit } from './rate-limit.ts';
import { createStrangerLimit } from './stranger-limit.ts';
import { mayChange } from './who-may.ts';

export interface CommandsOptions extends AnswerOptions {
  /** The room that an invocation was made in, ours or not. */
  readonly findRoom: (place: HeardPlace) => Promise<CommandRoom>;
  /** Returns true if a platform has several accounts, of which one answers a command. */
  readonly hasSeveral: (platform: PlatformName) => boolean;
  /** The parts that options are completed from. */
  readonly completion: CompletionParts;
}

/** The one way in for every front. */
export interface Commands {
  readonly table: readonly Command[];
  /** Returns the room of that address, ours or not. */
  readonly findRoom: CommandsOptions['findRoom'];
  /** Runs a command and says what became of it; null: say nothing. Never throws. */
  run(invocation: HeardInvocation): Promise<Answer | null>;
  /** Returns true if a person wrote so many commands that none is read for now: then nothing about them needs to be fetched. */
  ignores(account: AccountId, asker: string): boolean;
  /** Returns true if a line that other bots may be meant by too is answered. */
  isForUs(line: string): boolean;
  /** Returns the meanings that an option may get while it is written, the likeliest first. Never throws. */
  complete(completion: HeardCompletion): Promise<readonly Choice[]>;
}

export function createCommands(options: CommandsOptions): Commands {
  const { db, now, log } = options;
  const isTrusted = (platform: PlatformName) => peopleOf(options, platform).trusted !== null;
  const allowance = createRateLimit();
  const strangers = createStrangerLimit();
  /** One after the other: each is checked against what the one before it left, and a key that comes twice at once is run once. */
  let last: Promise<unknown> = Promise.resolve();

  /** Returns who answers a command; null: its account does. */
  async function another(
    invocation: HeardInvocation,
    room: CommandRoom | null,
  ): Promise<{ answer: Answer | null } | null> {
    const { account, platform } = invocation;
    if (platformOfAccount(account) !== platform || !options.hasSeveral(platform)) return null;
    const answerer = await answererOf(options, invocation, room ?? (await options.findRoom(invocation)));
    return answerer.outcome === 'ours' ? null : answerer;
  }

  async function answer(invocation: HeardInvocation): Promise<Answer | null> {
    const { key, account, platform, isOperator = false } = invocation;
    const known = key === null ? null : await findAnswer(db, key);
    if (known !== null) return (await another(invocation, null)) === null ? known : null;
    if (invocation.isOld === true) {
      log.info({ platform, room: invocation.room }, 'a command that was written before the start is not run');
      return null;
    }
    const person = personOf(account, invocation.asker.id);
    const allowed = isOperator || isTrusted(platform) ? fine : allowance.ask(person, now());
    if (allowed.outcome === 'silent') return null;
    const room = await options.findRoom(invocation);
    const other = await another(invocation, room);
    if (other !== null) return other.answer;
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
    ignores: (account, asker) =>
      !isTrusted(platformOfAccount(account)) && allowance.isSilent(personOf(account, asker), now()),
    isForUs: (line) => isForUs(line, options.table),
    async complete(completion) {
      try {
        const room = await options.findRoom(completion);
        if (room.account !== completion.account) return [];
        return choicesFor(completion, options.table, room, options.completion);
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

/** A person is counted by each account that they write to: several may hear one command. */
const personOf = (account: AccountId, asker: string) => `${account}:${asker}`;

const fine = { outcome: 'fine' } as const;

const peopleOf = ({ platforms }: AnswerOptions, platform: PlatformName) => platformOf(platforms, platform).people;

/** Returns false in a room that is not one of ours: no command changes anything there. */
function mayChangeAnything(options: AnswerOptions, asker: Asker, room: CommandRoom): boolean {
  const here = room.id === null ? { ...asker, manages: false, power: null } : asker;
  return mayChange(here, options.changersOf(room), peopleOf(options, room.platform));
}
