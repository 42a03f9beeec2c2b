import { setImmediate } from 'node:timers/promises';
import type { Database, Trx } from '../store/tables.ts';
import { stateOf } from '../subjects/fold-post.ts';
import { joinTwins } from '../subjects/join-twins.ts';
import { linkKeyOf } from '../subjects/link-key.ts';
import { type Kind, kinds, type PostState } from '../subjects/post-state.ts';
import type { Report } from './fold-store.ts';
import { readChangedParts, readParts, readPartsOf, readWholeParts } from './post-parts.ts';
import { twinsOf, twinsOfOne } from './twins.ts';

/** Number of posts read in one query. */
const TOGETHER = 100;

/** The state of a post, and the arrival of its report; null if none arrived. */
export interface KnownPost {
  readonly state: PostState;
  readonly report: Report | null;
}

/**
 * Returns the state of a post from everything stored about it and its twins, with its long texts. The cost does not
 * grow with the number of its events.
 */
export async function readPost(db: Database | Trx, subject: string): Promise<KnownPost> {
  const { parts, report } = await readWholeParts(db, subject);
  const twins = await twinsOfOne(db, subject);
  const others = [];
  for (const twin of twins) others.push((await readWholeParts(db, twin)).parts);
  return { state: joinTwins(parts, others), report };
}

/** Returns the states of posts, with their twins, without long texts; unknown posts are missing. */
export async function readStates(
  db: Database | Trx,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, PostState>> {
  const states = new Map<string, PostState>();
  for (let at = 0; at < subjects.length; at += TOGETHER) {
    if (at > 0) await setImmediate();
    const some = subjects.slice(at, at + TOGETHER);
    const twins = await twinsOf(db, some);
    const parts = (await readParts(db, [...new Set([...some, ...[...twins.values()].flat()])]))();
    for (const subject of some) {
      const own = parts.get(subject);
      const others = (twins.get(subject) ?? []).flatMap((twin) => parts.get(twin) ?? []);
      if (own !== undefined) states.set(subject, joinTwins(own, others));
    }
  }
  return states;
}

/** Returns the state of one post, with its twins, without long texts. */
export async function readState(db: Database | Trx, subject: string): Promise<PostState> {
  const own = await readPartsOf(db, subject);
  const twins = await readParts(db, await twinsOfOne(db, subject));
  return joinTwins(own, [...twins().values()]);
}

/** The state of a post before and after its newest event. Lists contain only the entries that date its deletion. */
export interface Change {
  /**
   * Two if this event is the first that shows that the post has twins: its own state so far, and that of its twins. A change
   * has to be new to both.
   */
  readonly before: readonly PostState[];
  readonly after: PostState;
}

const datesDeletion: readonly Kind[] = ['deleted', 'undeleted'];

/** Returns the change by the newest event of a post, which the same transaction wrote. `twins`: the subjects of its twins. */
export async function readChange(trx: Trx, subject: string, twins: readonly string[]): Promise<() => Change> {
  // Of a person who voted on two of them one vote counts.
  const own = await readChangedParts(trx, subject, twins.length === 0 ? datesDeletion : kinds);
  if (twins.length === 0)
    return () => {
      const { before, after } = own();
      return { before: [stateOf(before)], after: stateOf(after) };
    };
  const readTwins = await readParts(trx, twins);
  return () => {
    const { before, after } = own();
    const others = [...readTwins().values()];
    const [first, ...rest] = others;
    const isNewTwin = linkOf(before) !== linkOf(after);
    if (first === undefined || !isNewTwin)
      return { before: [joinTwins(before, others)], after: joinTwins(after, others) };
    const isFirst = before.post === undefined && before.listed.length === 0;
    return {
      before: [...(isFirst ? [] : [stateOf(before)]), joinTwins(first, rest)],
      after: joinTwins(after, others),
    };
  };
}

function linkOf({ post }: Pick<Parameters<typeof stateOf>[0], 'post'>): string | null {
  return post === undefined ? null : linkKeyOf({ role: 'report', object: post.object });
}
