import type { EventSpec } from '../metasmoke/event-spec.ts';
import type { DerivedType, Event } from '../words.ts';

/** The place of an event in the order in which subjects go to a room that is behind, 0 first. */
export interface Priority {
  readonly place: number;
  /** Its place if the post that it is about was flagged automatically. */
  readonly ifAutoflagged: number;
}

/**
 * Finds the place of an event: that of the first line of the order that names it, else behind all of them. What a derived event is
 * concluded from has its place too: an undeletion that of `posts#undeleted`, a false positive on an autoflagged post that of
 * `posts#autoflagged_false_positive`.
 */
export function priorityOf(event: Event, order: readonly EventSpec[]): Priority {
  const placeOf = (...derived: readonly DerivedType[]) => {
    const place = order.findIndex(
      (spec) =>
        spec.get(event.model)?.has(event.type) === true ||
        derived.some((type) => spec.get('posts')?.has(type) === true),
    );
    return place < 0 ? order.length : place;
  };
  const place = isUndeletion(event) ? placeOf('undeleted') : placeOf();
  return { place, ifAutoflagged: isFalsePositive(event) ? placeOf('autoflagged_false_positive') : place };
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
