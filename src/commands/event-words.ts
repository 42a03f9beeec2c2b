import { kindOf } from '../subjects/fold-post.ts';
import type { Kind } from '../subjects/post-state.ts';
import { counted } from '../text/counted.ts';
import type { Event } from '../words.ts';

const words: Readonly<Record<Exclude<Kind, 'tp' | 'fp' | 'naa' | 'ignore'>, string>> = {
  auto: 'autoflag',
  manual: 'flag',
  dispute: 'moderator flag',
  dryRun: 'dry-run flag',
  failed: 'failed flag',
  deleted: 'deletion',
  undeleted: 'undeletion',
  comment: 'comment',
  review: 'review',
};

/** Says what happened in an event, as `report`, `tp- by Ann`, `deletion`. `by`: the person behind it; null: not known. Pure. */
export function eventWords(event: Event, by: string | null): string {
  const { role, type, object } = event;
  const who = by === null ? '' : ` by ${by}`;
  if (event.origin === 'derived') return `${type.replaceAll('_', ' ')} (concluded by Lookout)`;
  if (role === 'report')
    return { create: 'report', update: 'update of the report', destroy: 'removal of the report' }[String(type)] ?? type;
  const said = saidBy(event);
  if (said === null) return `${event.model}#${type}`;
  if (type === 'destroy') return `${said}${who}, taken back`;
  if (role === 'vote' && object.is_invalidated === true) return `${said}${who}, made invalid`;
  return type === 'update' ? `update of ${said}${who}` : `${said}${who}`;
}

/** `tp-`, `autoflag`; null for an event that is not about a post. */
function saidBy({ role, object }: Event): string | null {
  if (role === null) return null;
  if (role === 'vote') return typeof object.feedback_type === 'string' ? object.feedback_type : 'vote';
  const kind = kindOf({ role, object, isDestroyed: false });
  return kind === null || !Object.hasOwn(words, kind) ? null : words[kind as keyof typeof words];
}

/** Counts what happened, as `2 votes, 1 deletion`. Pure. */
export function countWords(events: readonly Event[]): string {
  const sent = events.filter(({ origin }) => origin !== 'derived');
  const created = (one: Event) => one.type === 'create' && one.role !== 'report';
  const counts = Map.groupBy(sent, (one) => (created(one) ? nounOf(one) : 'update'));
  const nouns = [...counts.keys()].sort((a, b) => Number(a === 'update') - Number(b === 'update'));
  return nouns.map((noun) => counted(counts.get(noun)?.length ?? 0, noun)).join(', ');
}

const nounOf = (event: Event): string =>
  event.role === 'vote' ? 'vote' : event.role === 'flag' ? (saidBy(event) ?? 'flag') : (saidBy(event) ?? 'event');
