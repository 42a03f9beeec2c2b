import type { Role } from '../words.ts';
import { byTime, kindOf, listedOf, type PostParts, personOf, stateOf } from './fold-post.ts';
import type { Row } from './fold-rows.ts';
import type { Kind, PostState } from './post-state.ts';

/** Roles of the rows that hold for all reports of one post. Comments and reviews are about one report. */
const shared: ReadonlySet<Role> = new Set(['vote', 'flag', 'deletion'] as const);
const sharedKinds = [
  ...(['tp', 'fp', 'naa', 'ignore', 'auto', 'manual', 'dispute', 'dryRun', 'failed'] as const),
  ...(['deleted', 'undeleted'] as const),
] satisfies readonly Kind[];

/**
 * Returns the state of a report whose post has other reports, its twins: title, site, comments, reviews and removal are
 * its own; votes, flags and deletions are those of all, of each person the newest vote; times count from the first
 * report. Of a post with more votes than are listed, a person who voted on two reports may count twice. Pure.
 */
export function joinTwins(own: PostParts, twins: readonly PostParts[]): PostState {
  if (twins.length === 0) return stateOf(own);
  const hanging = own.listed.filter(({ role }) => !shared.has(role));
  const all = [own, ...twins].flatMap(({ listed }) => listed.filter(({ role }) => shared.has(role))).sort(byTime);
  const newest = new Map(all.map((row) => [keyOf(row), row]));
  const counts = { ...own.counts };
  for (const kind of sharedKinds) for (const twin of twins) counts[kind] += twin.counts[kind];
  const counted = all.filter((row) => newest.get(keyOf(row)) === row);
  for (const row of all) if (newest.get(keyOf(row)) !== row) counts[kindOf(row)!]--;
  const listed = [...hanging, ...listedOf(counted)].sort(byTime);
  return stateOf(
    { post: own.post, counts, listed },
    twins.flatMap(({ post }) => post ?? []),
  );
}

const keyOf = (row: Row) => personOf(row) ?? `${row.role} ${row.id}`;
