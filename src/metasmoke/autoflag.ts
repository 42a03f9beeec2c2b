import type { Event } from '../words.ts';

/** An automatic spam flag that was cast: `flag_type` `other` is a moderator's attention on a disputed post. */
export function isAutoflag({ model, type, object }: Pick<Event, 'model' | 'type' | 'object'>): boolean {
  const { success, is_auto: isAuto, is_dry_run: isDryRun, flag_type: flagType } = object;
  return (
    model === 'flag_logs' &&
    type !== 'destroy' &&
    success === true &&
    isAuto === true &&
    isDryRun !== true &&
    flagType !== 'other'
  );
}
