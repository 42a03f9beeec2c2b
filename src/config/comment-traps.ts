import { excerpt } from '../text/excerpt.ts';
import { nearest } from '../text/nearest.ts';
import { derivedTypes, sentTypes } from '../words.ts';
import type { Text } from './tree.ts';
import { quoted } from './yaml-problems.ts';

interface Trap {
  readonly wrong: string;
  readonly right: string;
}

/** `events: posts #create`: in YAML, text after a space and # is a comment. Null if it may well be meant as one. */
export function commentInEvents(text: Text): Trap | null {
  const match = /^#([A-Za-z]+)(?=$|[\s,;])/.exec(text.comment?.text ?? '');
  if (text.style !== 'plain' || !match || nearest(match[1]!, [...sentTypes, ...derivedTypes]) === null) return null;
  const meant = `${text.written.trim()}${text.comment!.text}`;
  return {
    wrong: `what follows a space and # is a comment, so ${excerpt(text.comment!.text, 40)} does not count`,
    right: `write ${excerpt(meant, 80)} without the space`,
  };
}

/** `where: object.title.contains(" #x")`: half of the condition is a comment. To be asked only where the condition is wrong. */
export function commentInCondition(text: Text): Trap | null {
  if (text.style !== 'plain' || text.comment === null) return null;
  const isCut = [`"`, `'`].some((quote) => text.written.split(quote).length % 2 === 0) || unclosed(text.written);
  if (!isCut) return null;
  const whole = `${text.written} ${text.comment.text}`;
  return {
    wrong: 'what follows a space and # is a comment, so the condition ends before it',
    right:
      whole.length <= 60 ? `put the whole condition in quotes: ${quoted(whole)}` : 'put the whole condition in quotes',
  };
}

function unclosed(text: string): boolean {
  return text.split('(').length > text.split(')').length || text.split('[').length > text.split(']').length;
}
