import type { EventSpec } from '../catalogue/event-spec.ts';
import type { DerivedType, Event } from '../words.ts';

/** The rank of an event in the order in which subjects are sent to a room with a backlog, 0 first. */
export interface Priority {
  readonly place: number;
  /** Its rank if its post was flagged automatically. */
  readonly ifAutoflagged: number;
}

/**
 * Returns the rank of an event: the index of the first line in the order that names it, otherwise after all lines. The
 * events from which others are derived have ranks, too: an undeletion that of `posts#undeleted`, a false positive on an
 * autoflagged post that of `posts#autoflagged_false_positive`.
 */
export function priorityOf(event: Event, order: readonly EventSpec[]): Priority {
  const placeOf = (...derived: readonly DerivedType[]) => {
    const place = order.findIndex(
      (spec) =>
        spec.get(event.model)?.has(event.type) === true ||
        derived.some((type) => [...spec.values()].some((types) => types.has(type))),
    );
    return place < 0 ? order.length : place;
  };
  const place = isUndeletion(event) ? placeOf('undeleted') : placeOf();
  return { place, ifAutoflagged: isFalsePositive(event) ? placeOf('autoflagged_false_positive') : place };
}

function isUndeletion({ role, type, object }: Event): boolean {
  return role === 'deletion' && type === 'create' && object.is_deleted === false;
}

/** Returns true for a feedback `fp` or `fpu`, with or without a trailing `-`, that is not invalidated. */
function isFalsePositive({ role, type, object }: Event): boolean {
  return (
    role === 'vote' &&
    type !== 'destroy' &&
    object.is_invalidated !== true &&
    typeof object.feedback_type === 'string' &&
    /^fpu?-?$/.test(object.feedback_type)
  );
}
