import { stringify } from 'yaml';
import type { StoredSubscription } from './stored-subscriptions.ts';

/** The subscriptions as YAML that can be pasted into the configuration, where they keep their ids. */
export function exportSubscriptions(stored: readonly StoredSubscription[]): string {
  const subscriptions = stored.map(({ events, where, template, address }) => ({
    events,
    ...(where !== null && { where }),
    rooms: address,
    ...(template !== null && { template }),
  }));
  return stringify({ subscriptions }, { lineWidth: 0, defaultStringType: 'PLAIN' });
}
