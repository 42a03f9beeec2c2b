import { nearest } from '../text/nearest.ts';

/** A name at the top of a condition, and its fields. */
export interface Scope {
  readonly name: string;
  readonly fields: readonly string[];
}

/** Words that people use, and the fields that may be meant by them, the likeliest first. */
const otherWords: Readonly<Record<string, readonly string[]>> = {
  domain: ['site'],
  host: ['site'],
  hostname: ['site'],
  site_name: ['site'],
  sitename: ['site'],
  site_domain: ['site'],
  site_url: ['site'],
  reason: ['why'],
  reasons: ['why'],
  url: ['link', 'post_link'],
  user: ['username', 'user_name'],
  name: ['username', 'user_name'],
  author: ['username', 'user_name'],
  owner: ['username', 'user_name'],
  poster: ['username', 'user_name'],
  spammer: ['username', 'user_name'],
  rep: ['user_reputation', 'reputation'],
  reputation: ['user_reputation', 'reputation'],
  text: ['body', 'text', 'comment'],
  content: ['body', 'text', 'comment'],
  autoflag: ['autoflagged', 'is_auto'],
  feedback: ['feedback_type'],
  flagged: ['autoflagged', 'flags'],
};

/**
 * Returns the field that is most likely meant by an unknown name, as it has to be written (`subject.weight`); null: none
 * is near. `first` is where it was looked for, `others` are the further names of the condition.
 */
export function fieldMeant(name: string, first: Scope, others: readonly Scope[]): string | null {
  const written = (scope: Scope, field: string) => `${scope.name}.${field}`;
  const word = name.toLowerCase();
  const same = first.fields.find((field) => field.replaceAll('_', '') === word.replaceAll('_', ''));
  const ending = first.fields.find((field) => field.endsWith(`_${word}`) && !field.startsWith('is_'));
  const own = same ?? ending;
  if (own !== undefined) return written(first, own);
  const meant = (Object.hasOwn(otherWords, word) && otherWords[word]) || [];
  const words = [word, word.replace(/^(?:is|has|was)_/, ''), ...meant];
  for (const scope of [first, ...others]) {
    const field = words.find((one) => scope.fields.includes(one));
    if (field !== undefined) return written(scope, field);
  }
  for (const scope of [first, ...others.filter((other) => other.name !== 'event')]) {
    const near = nearest(name, scope.fields);
    if (near !== null) return written(scope, near);
  }
  return null;
}
