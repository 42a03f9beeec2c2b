import type { Event } from '../words.ts';
import type { EventSpec } from './event-spec.ts';

/** What is no event of its own but a kind of them, by the names of the events that stand for it. */
export const specialKinds = ['posts#autoflagged_false_positive', 'posts#undeleted'] as const;
type SpecialKind = (typeof specialKinds)[number];

/** One line of the order in which subjects go to a room that is behind. */
export type PriorityKind = SpecialKind | EventSpec;

/** The place of an event in that order, 0 first. */
export interface Priority {
  readonly place: number;
  /** Its place if the post that it is about was flagged automatically. */
  readonly ifAutoflagged: number;
}

/** Finds the place of an event: that of the first kind that it is of, else behind all of them. */
export function priorityOf(event: Event, order: readonly PriorityKind[]): Priority {
  const placeWhere = (is: (kind: PriorityKind) => boolean) => {
    const place = order.findIndex(is);
    return place < 0 ? order.length : place;
  };
  const isOf = (kind: PriorityKind) =>
    typeof kind === 'string'
      ? kind === 'posts#undeleted' && isUndeletion(event)
      : kind.get(event.model)?.has(event.type) === true;
  const place = placeWhere(isOf);
  if (!isFalsePositive(event)) return { place, ifAutoflagged: place };
  return { place, ifAutoflagged: placeWhere((kind) => kind === 'posts#autoflagged_false_positive' || isOf(kind)) };
}

function isUndeletion({ model, type, object }: Event): boolean {
  return model === 'deletion_logs' && type === 'create' && object.is_deleted === false;
}

/** `fp`, `fpu`, each also with a trailing `-`, by a feedback that stands. */
function isFalsePositive({ model, type, object }: Event): boolean {
  return (
    model === 'feedbacks' &&
    type !== 'destroy' &&
    object.is_invalidated !== true &&
    typeof object.feedback_type === 'string' &&
    /^fpu?-?$/.test(object.feedback_type)
  );
}
