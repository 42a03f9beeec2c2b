import { type PeopleRules, type PlatformRules, platformOf } from '../config/platform.ts';
import type { Log } from '../log.ts';
import type { Block } from '../render/message.ts';
import { code, lines, messageOf, paragraph } from '../render/say.ts';
import type { Database } from '../store/tables.ts';
import { excerpt } from '../text/excerpt.ts';
import { formatDuration } from '../time/duration.ts';
import type { PlatformName } from '../words.ts';
import { noteAudit } from './audit.ts';
import type { Command, Outcome, Values } from './command.ts';
import type { CommandRoom } from './command-room.ts';
import { type Choice, type Completion, type CompletionParts, choicesFor } from './complete.ts';
import { findAnswer, storeAnswer } from './handled.ts';
import type { Answer, Asker, Invocation } from './invocation.ts';
import { createRateLimit } from './rate-limit.ts';
import { readLine, usage } from './read-line.ts';
import { createStrangerLimit } from './stranger-limit.ts';
import { type Changers, mayChange } from './who-may.ts';

export interface CommandsOptions {
  readonly db: Database;
  readonly table: readonly Command[];
  /** The room that an invocation was made in, ours or not. */
  readonly findRoom: (invocation: Pick<Invocation, 'platform' | 'room' | 'direct'>) => Promise<CommandRoom>;
  /** The platforms that commands come from. */
  readonly platforms: readonly PlatformRules[];
  /** Returns the people who may change that room. */
  readonly changersOf: (room: CommandRoom) => Changers;
  /** The parts that options are completed from. */
  readonly completion: CompletionParts;
  readonly now: () => number;
  readonly log: Log;
}

/** The one way in for every front. */
export interface Commands {
  readonly table: readonly Command[];
  /** Runs a command and says what became of it; null: say nothing. Never throws. */
  run(invocation: Invocation): Promise<Answer | null>;
  /** Returns true if a person wrote so many commands that none is read for now: then nothing about them needs to be fetched. */
  ignores(platform: PlatformName, asker: string): boolean;
  /** Returns the meanings that an option may get while it is written, the likeliest first. Never throws. */
  complete(completion: Completion): Promise<readonly Choice[]>;
}

export function createCommands(options: CommandsOptions): Commands {
  const { db, table, now, log } = options;
  const peopleOf = (platform: PlatformName) => platformOf(options.platforms, platform).people;
  const allowance = createRateLimit();
  const strangers = createStrangerLimit();
  /** One after the other: each is checked against what the one before it left, and a key that comes twice at once is run once. */
  let last: Promise<unknown> = Promise.resolve();

  async function run(invocation: Invocation): Promise<Answer | null> {
    const { key, platform, asker } = invocation;
    if (key !== null) {
      const known = await findAnswer(db, key);
      if (known !== null) return known;
    }
    const allowed = peopleOf(platform).trusted !== null ? fine : allowance.ask(`${platform}:${asker.id}`, now());
    if (allowed.outcome === 'silent') return null;
    const room = await options.findRoom(invocation);
    const isStranger = invocation.answered === 'counted' && !mayChangeAnything(asker, room);
    if (isStranger && (allowed.outcome === 'full' || !strangers.allows(`${platform}:${asker.id}`, now()))) return null;
    if (allowed.outcome === 'full')
      return quiet([paragraph(`Too many commands: the next one is read in ${formatDuration(allowed.waitMs)}.`)]);
    const answer = await answerTo(invocation, room);
    return isStranger ? { ...answer, isLast: true } : answer;
  }

  /** Returns false in a room that is not one of ours: no command changes anything there. */
  function mayChangeAnything(asker: Asker, room: CommandRoom): boolean {
    const here = room.id === null ? { ...asker, manages: false, power: null } : asker;
    return mayChange(here, options.changersOf(room), peopleOf(room.platform));
  }

  async function answerTo(invocation: Invocation, room: CommandRoom): Promise<Answer> {
    const { platform, asker, said } = invocation;
    const people = peopleOf(platform);
    const read = said.kind === 'line' ? readLine(said.text, table) : readOptions(said.command, said.options, table);
    if (read.outcome === 'problem') return quiet(problemOf(read, said.kind === 'line' ? said.text : null));
    const { command, values } = read;
    if (command.who === 'changers' && !mayChange(asker, options.changersOf(room), people)) {
      log.info({ room: room.address, author: asker.id, command: command.name }, 'a command was refused: no permission');
      return quiet([
        paragraph(code(command.name), ` changes what this room receives, and you may not: ${neededFor(people)}.`),
      ]);
    }
    const outcome = await command.run({ values, room, asker, about: invocation.about, now: now() });
    return commit(invocation, command, room, outcome);
  }

  /** Writes the change of a command, its audit line and its answer together or not at all. */
  async function commit(
    { key, asker }: Invocation,
    command: Command,
    room: CommandRoom,
    outcome: Outcome,
  ): Promise<Answer> {
    if (outcome.outcome === 'refused') return quiet(outcome.say);
    const message = 'body' in outcome.say ? outcome.say : messageOf(outcome.say);
    const answer: Answer = { message, private: outcome.private ?? true };
    const { change } = outcome;
    if (change === undefined) return answer;
    await db.transaction().execute(async (trx) => {
      await change.apply(trx);
      await noteAudit(trx, {
        at: now(),
        address: room.address,
        author: asker.id,
        command: command.name,
        what: change.what,
      });
      if (key !== null) await storeAnswer(trx, key, answer, now());
    });
    try {
      await change.after();
    } catch (err) {
      // It is written, and holds at the next start at the latest.
      log.error(
        { room: room.address, command: command.name, err },
        'what a command changed is stored, but not in force yet',
      );
    }
    log.info({ room: room.address, author: asker.id, command: command.name }, change.what);
    return answer;
  }

  return {
    table,
    ignores: (platform, asker) =>
      peopleOf(platform).trusted === null && allowance.isSilent(`${platform}:${asker}`, now()),
    async complete(completion) {
      try {
        return choicesFor(completion, table, await options.findRoom(completion), options.completion);
      } catch (err) {
        log.error({ platform: completion.platform, err }, 'an option could not be completed');
        return [];
      }
    },
    async run(invocation) {
      const running = last.then(() => run(invocation));
      last = running.catch(() => {});
      try {
        return await running;
      } catch (err) {
        log.error({ platform: invocation.platform, room: invocation.room, err }, 'a command failed on our side');
        return quiet([paragraph('That failed on our side, and nothing was changed. The log says more.')]);
      }
    },
  };
}

const fine = { outcome: 'fine' } as const;

/** Says which permission a person needs to change a room. */
function neededFor({ permission }: PeopleRules): string {
  return permission === null ? 'it needs the operator’s list' : `${permission}, or the operator’s list`;
}

const quiet = (say: readonly Block[]): Answer => ({ message: messageOf(say), private: true });

type Read =
  | { readonly outcome: 'ok'; readonly command: Command; readonly values: Values }
  | Extract<ReturnType<typeof readLine>, { outcome: 'problem' }>;

/** Reads the fields that a front gives; its list of commands may be older than this process. */
function readOptions(name: string, given: Values, table: readonly Command[]): Read {
  const command = table.find((each) => each.name === name);
  if (command === undefined)
    return {
      outcome: 'problem',
      command: null,
      offset: 0,
      wrong: `there is no command "${excerpt(name, 40)}" any more`,
      right: 'help lists those that there are',
    };
  const values = Object.fromEntries(
    command.options.flatMap((option) => {
      const value = given[option.name]?.trim();
      return value === undefined || value === '' ? [] : [[option.name, value] as const];
    }),
  );
  const missing = command.options.find((option) => option.required && values[option.name] === undefined);
  if (missing === undefined) return { outcome: 'ok', command, values };
  return { outcome: 'problem', command, offset: 0, wrong: `${missing.name} is missing`, right: missing.description };
}

/** The mistake in words, where it stands, and how the command is used. */
function problemOf(problem: Extract<Read, { outcome: 'problem' }>, line: string | null): readonly Block[] {
  const { command, wrong, right, offset } = problem;
  const says = paragraph(wrong, ': ', right);
  const help = command === null ? [] : [paragraph('Usage: ', code(usage(command)))];
  if (line === null || offset === 0) return [says, ...help];
  const from = Math.max(0, offset - 60);
  const shownPart = line.slice(from, offset + 40).replaceAll(/\s/g, ' ');
  const mark = ' '.repeat([...line.slice(from, offset)].length);
  return [says, lines(`${shownPart}\n${mark}^`), ...help];
}
