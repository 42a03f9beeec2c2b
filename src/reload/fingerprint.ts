import { createHash } from 'node:crypto';
import { formatEventSpec } from '../catalogue/event-spec.ts';
import type { Config } from '../config/config.ts';
import { Secret } from '../secrets/secret.ts';

/** Length of a fingerprint in characters: enough to tell the configurations of some processes apart. */
const LENGTH = 12;

/**
 * Returns a short text that is the same for two configurations that send the same messages to the same rooms. It leaves out secrets,
 * and all that may differ between machines: paths, the store's address, proxies, metrics, the level of the log.
 */
export function fingerprintOf(config: Config): string {
  const { source, chats, rooms, subscriptions, commands, operators, greets, priority, derived, templates } = config;
  const { url, name, kind, models, api, backfillMaxAgeMs, digestAfterMs, detailsPerMinute, quietAfterMs } = source;
  const compared = {
    source: {
      url,
      name,
      kind: kind.name,
      models,
      api,
      backfillMaxAgeMs,
      digestAfterMs,
      detailsPerMinute,
      quietAfterMs,
    },
    ...{ chats, rooms, commands, operators, greets, derived },
    keepMs: config.store.keepMs,
    priority: priority.map(formatEventSpec),
    subscriptions: subscriptions.map(({ id, events, where, rooms: to, template, options }) => [
      ...[id, formatEventSpec(events), where?.source ?? null, to, template, options.text],
    ]),
    templates: templates.names.toSorted().map((each) => [each, templates.get(each)?.text]),
  };
  return createHash('sha256')
    .update(JSON.stringify(plain(compared)))
    .digest('base64url')
    .slice(0, LENGTH);
}

/** Returns a value without secrets and functions, with the fields of objects in order. */
function plain(value: unknown): unknown {
  if (value instanceof Secret || typeof value === 'function') return null;
  if (value instanceof Map || value instanceof Set) return [...value].map(plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value ?? null;
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return fields.map(([key, field]) => [key, plain(field)]);
}
