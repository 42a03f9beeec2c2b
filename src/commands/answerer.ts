import { type PlatformRules, platformOf } from '../config/platform.ts';
import { paragraph } from '../render/say.ts';
import type { Database } from '../store/tables.ts';
import type { AccountId } from '../words.ts';
import { refusal } from './answer-command.ts';
import type { CommandRoom } from './command-room.ts';
import type { Answer, HeardInvocation } from './invocation.ts';

/** Time for which a claim is kept, ms: longer than any account takes to hear of a command. */
const KEEP_MS = 86_400_000;

/** The account that answers a command. */
export type Answerer =
  | { readonly outcome: 'ours' }
  /** Another account of the platform answers; `answer`: what is said all the same. Null: nothing. */
  | { readonly outcome: 'another'; readonly answer: Answer | null };

export interface AnswererParts {
  readonly db: Database;
  readonly platforms: readonly PlatformRules[];
  readonly now: () => number;
}

/**
 * Returns the account that answers a command of a platform that has several: the one whose room it is; in a room of none, the
 * first that asks.
 */
export async function answererOf(
  { db, platforms, now }: AnswererParts,
  { key, account, platform }: HeardInvocation,
  room: CommandRoom,
): Promise<Answerer> {
  // Where an asker chooses the bot, as with slash commands, each command reaches one account alone.
  const { answersAlone } = platformOf(platforms, platform);
  if (room.id === null && (answersAlone || key === null)) return { outcome: 'ours' };
  const answerer = room.id === null && key !== null ? await claim(db, { key, account, now: now() }) : room.account;
  if (answerer === account) return { outcome: 'ours' };
  return { outcome: 'another', answer: answersAlone ? belongsTo(answerer) : null };
}

/** Claims a command for an account, and returns the account that has it. */
async function claim(
  db: Database,
  { key, account, now }: { readonly key: string; readonly account: AccountId; readonly now: number },
): Promise<AccountId> {
  await db
    .deleteFrom('command_claims')
    .where('at', '<', now - KEEP_MS)
    .execute();
  await db
    .insertInto('command_claims')
    .values({ key, account, at: now })
    .onConflict((c) => c.doNothing())
    .execute();
  const row = await db.selectFrom('command_claims').select('account').where('key', '=', key).executeTakeFirst();
  return row?.account ?? account;
}

const belongsTo = (account: AccountId) =>
  refusal([
    paragraph(`This room belongs to another account of Lookout (${account}): use the commands of that bot here.`),
  ]);
