import { paragraph, typed } from '../render/say.ts';
import type { Database } from '../store/tables.ts';
import { reportsByLink } from '../subject-rows/twins.ts';
import { type Refused, refused } from './command.ts';
import type { Target } from './read-target.ts';

/** A target that is not a message or a bare number. */
export type RowTarget = Exclude<Target, { readonly kind: 'message' | 'number' }>;

/**
 * Returns the subjects that a target means, of several reports of one post the newest first; else says why it means
 * none: what was not understood is never called unknown.
 */
export async function subjectsOf(
  db: Database,
  target: RowTarget,
  { written, command }: { readonly written: string; readonly command: string },
): Promise<readonly string[] | Refused> {
  const example = typed(`${command} post:123`);
  switch (target.kind) {
    case 'subject':
      return [target.subject];
    case 'link': {
      const subjects = await reportsByLink(db, target.links);
      if (subjects.length > 0) return subjects;
      return refused(
        paragraph(
          `No report of ${target.what} is stored: it was not reported, its report never reached us, or it was too long ago.`,
          ...(command === 'why'
            ? [' If you know its page on metasmoke, ', example, ' also finds votes without a report.']
            : []),
        ),
      );
    }
    case 'other':
      return refused(paragraph(`That is ${target.what}. Write a link to a post, or `, example, '.'));
    case 'unclear':
      return refused(
        target.meant === null
          ? paragraph(
              `"${written}" is not understood: it is neither a link to a message, nor a link to a post, nor an event. Reply to a message with this, or write `,
              example,
              '.',
            )
          : paragraph(`"${written}" is not understood: did you mean `, typed(`${command} ${target.meant}`), '?'),
      );
    default:
      return target satisfies never;
  }
}
