import { type PeopleRules, type PlatformRules, platformOf } from '../config/platform.ts';
import type { Log } from '../log.ts';
import type { Block } from '../render/message.ts';
import { messageOf, paragraph, person, typed } from '../render/say.ts';
import { addNames, keepName } from '../rooms/people.ts';
import type { Database, Trx } from '../store/tables.ts';
import { noteAudit } from './audit.ts';
import type { Change, Command, Done, Outcome } from './command.ts';
import type { CommandRoom } from './command-room.ts';
import { storeAnswer } from './handled.ts';
import type { Answer, Invocation } from './invocation.ts';
import { readSaid } from './read-said.ts';
import { type Changers, mayChange } from './who-may.ts';

export interface AnswerOptions {
  readonly db: Database;
  readonly table: readonly Command[];
  /** The platforms that commands come from. */
  readonly platforms: readonly PlatformRules[];
  /** Returns the people who may change that room. */
  readonly changersOf: (room: CommandRoom) => Changers;
  /** Null: no other process acts by what commands change. */
  readonly everywhere: Everywhere | null;
  readonly now: () => number;
  readonly log: Log;
}

/** Tells the process that listens to the source what a command changed. */
export interface Everywhere {
  /** Notes the change in its transaction, and returns its version. */
  note(trx: Trx): Promise<number>;
  /** Resolves when that process acts by a version; false if it does not do so in time. */
  inForce(version: number): Promise<boolean>;
}

/** Reads a command, checks that its asker may use it, runs it, and stores what it changed. */
export async function answerCommand(
  options: AnswerOptions,
  invocation: Invocation,
  room: CommandRoom,
): Promise<Answer> {
  const { asker, about, pressed = false } = invocation;
  const { people } = platformOf(options.platforms, invocation.platform);
  const read = readSaid(invocation.said, options.table);
  if (read.outcome === 'problem') return refusal(read.say);
  const { command, values } = read;
  const isChanger = mayChange(asker, options.changersOf(room), people);
  if (command.who === 'changers' && !isChanger) {
    options.log.info(
      { room: room.name, author: asker.id, command: command.name },
      'a command was refused: no permission',
    );
    return refusal([
      paragraph(typed(command.name), ` changes what this room receives, and you may not. ${neededFor(people)}`),
    ]);
  }
  const call = { values, room, asker, about, pressed, mayChange: isChanger, now: options.now() };
  const outcome = await command.run(call);
  if (outcome.outcome === 'refused' || outcome.change === undefined)
    return withNames(options.db, room, answerOf(outcome));
  return commit(options, { invocation, command, room, change: outcome.change, outcome });
}

/** Adds the names of the people in an answer. */
async function withNames(db: Database | Trx, { platform }: CommandRoom, answer: Answer): Promise<Answer> {
  return { ...answer, message: await addNames(db, platform, answer.message) };
}

/** Says to the asker alone why nothing was done. */
export const refusal = (say: readonly Block[]): Answer => ({ message: messageOf(say), private: true, isRefused: true });

function answerOf(outcome: Outcome): Answer {
  if (outcome.outcome === 'refused') return refusal(outcome.say);
  const message = 'body' in outcome.say ? outcome.say : messageOf(outcome.say);
  const { offers = [] } = outcome;
  return { message, private: outcome.private ?? true, ...(offers.length > 0 && { offers }) };
}

/** Says who pressed a button, where others see what it changed: a chat shows them only the answer. */
function signed(answer: Answer, { asker, pressed = false }: Invocation): Answer {
  if (!pressed || answer.private) return answer;
  const { message } = answer;
  return { ...answer, message: { ...message, body: [...message.body, paragraph('By ', person(asker.id), '.')] } };
}

/** Says in a sentence what a person needs to change a room. */
function neededFor({ permission }: PeopleRules): string {
  return permission === null ? 'The operator must list you.' : `You need ${permission}, or the operator must list you.`;
}

interface Changed {
  readonly invocation: Invocation;
  readonly command: Command;
  readonly room: CommandRoom;
  readonly change: Change;
  readonly outcome: Done;
}

/** Writes a change, its audit line and its answer together or not at all. */
async function commit({ db, everywhere, now, log }: AnswerOptions, changed: Changed): Promise<Answer> {
  const { change, outcome } = changed;
  const { key, asker, platform } = changed.invocation;
  const name = (await asker.name?.()) ?? null;
  const { name: room, address } = changed.room;
  const command = changed.command.name;
  let version: number | null = null;
  const answer = await db.transaction().execute(async (trx) => {
    await change.apply(trx);
    if (change.concernsSource === true) version = (await everywhere?.note(trx)) ?? null;
    if (name !== null) await keepName(trx, platform, { id: asker.id, name });
    await noteAudit(trx, { at: now(), address, author: asker.id, command, what: change.what });
    const given = await withNames(
      trx,
      changed.room,
      signed(answerOf({ ...outcome, ...change.reply?.() }), changed.invocation),
    );
    if (key !== null) await storeAnswer(trx, key, given, now());
    return given;
  });
  try {
    await change.after();
  } catch (err) {
    // It is written, and holds at the next start at the latest.
    log.error({ room, command, err }, 'what a command changed is stored, but not in force yet');
  }
  const isInForce = version === null || (await everywhere?.inForce(version)) !== false;
  log.info({ room, author: asker.id, command }, `${room}: ${change.what}`);
  return isInForce ? answer : soon(answer);
}

/** Adds that a change takes effect later. */
function soon(answer: Answer): Answer {
  const { message } = answer;
  const said = paragraph('This is stored, and takes effect in a moment.');
  return { ...answer, message: { ...message, body: [...message.body, said] } };
}
