import type { PostDetails } from './post-details.ts';

/** Shown in the place of a title that a room hides. */
export const hiddenTitle = '(title hidden)';

/** Returns true if a reason of a post says "offensive"; false as long as its reasons are unknown. */
export function isOffensive(reasons: PostDetails['reasons']): boolean {
  return reasons?.some(({ name }) => saysOffensive(name)) === true;
}

/** Returns true if the name of a reason says that it is about offensive posts. */
export function saysOffensive(reasonName: string): boolean {
  return /offensive/i.test(reasonName);
}
