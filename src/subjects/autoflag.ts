import type { Event } from '../words.ts';

/** Returns true for a successful automatic spam flag. `flag_type` `other` calls a moderator to a disputed post. */
export function isAutoflag({ role, type, object }: Pick<Event, 'role' | 'type' | 'object'>): boolean {
  const { success, is_auto: isAuto, is_dry_run: isDryRun, flag_type: flagType } = object;
  return (
    role === 'flag' &&
    type !== 'destroy' &&
    success === true &&
    isAuto === true &&
    isDryRun !== true &&
    flagType !== 'other'
  );
}
