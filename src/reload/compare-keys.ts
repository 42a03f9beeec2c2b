import { formatEventSpec } from '../catalogue/event-spec.ts';
import type { Config } from '../config/config.ts';
import { placeOf } from '../store/place.ts';
import { formatDuration } from '../time/duration.ts';
import type { Change, Effect } from './change.ts';
import { isSame } from './same.ts';

/** A key with one value, its effect when it changes, and how its value is shown. */
interface PlainKey {
  readonly key: string;
  readonly kind: Exclude<Effect['kind'], 'chat'>;
  readonly of: (config: Config) => unknown;
  /** Absent: the value is not shown. */
  readonly show?: (value: never) => string;
}

const text = (value: string | null) => value ?? 'none';
const ms = (value: number) => formatDuration(value);
const number = (value: number) => String(value);
/** It holds from the next connection on. */
const nextTime = (value: number) => `${value} bytes (from the next connection on)`;
const onOff = (value: boolean) => (value ? 'on' : 'off');
const list = (values: readonly string[]) => values.join(', ') || 'none';

/** Every key outside of `rooms`, `subscriptions` and `chats`. */
const plainKeys: readonly PlainKey[] = [
  { key: 'source.url', kind: 'restart', of: ({ source }) => source.url, show: text },
  { key: 'source.kind', kind: 'restart', of: ({ source }) => source.kind.name, show: text },
  { key: 'source.name', kind: 'restart', of: ({ source }) => source.name, show: text },
  { key: 'source.models', kind: 'restart', of: ({ source }) => source.models, show: list },
  { key: 'source.key', kind: 'key', of: ({ source }) => source.key },
  { key: 'source.api', kind: 'api', of: ({ source }) => source.api, show: text },
  { key: 'source.backfill.max_age', kind: 'api', of: ({ source }) => source.backfillMaxAgeMs, show: ms },
  { key: 'source.backfill.digest_after', kind: 'api', of: ({ source }) => source.digestAfterMs, show: ms },
  { key: 'source.details.per_minute', kind: 'api', of: ({ source }) => source.detailsPerMinute, show: number },
  { key: 'source.payload_limit', kind: 'atOnce', of: ({ source }) => source.payloadLimitBytes, show: nextTime },
  { key: 'source.quiet_after', kind: 'atOnce', of: ({ source }) => source.quietAfterMs, show: ms },
  { key: 'store.url', kind: 'restart', of: storeOf, show: text },
  { key: 'store.keep', kind: 'atOnce', of: ({ store }) => store.keepMs, show: ms },
  { key: 'adapters', kind: 'restart', of: ({ adapters }) => adapters, show: list },
  { key: 'ca_file', kind: 'restart', of: ({ network }) => network.certificates },
  { key: 'commands.rooms', kind: 'rooms', of: ({ commands }) => commands.rooms, show: text },
  { key: 'commands.per_room', kind: 'atOnce', of: ({ commands }) => commands.perRoom, show: number },
  { key: 'commands.users', kind: 'atOnce', of: ({ commands }) => commands.users, show: list },
  { key: 'commands.servers', kind: 'atOnce', of: ({ commands }) => commands.servers, show: list },
  { key: 'operators', kind: 'atOnce', of: ({ operators }) => operators, show: text },
  { key: 'greet', kind: 'atOnce', of: ({ greets }) => greets, show: onOff },
  { key: 'priority', kind: 'atOnce', of: ({ priority }) => priority.map(formatEventSpec), show: list },
  { key: 'derived.lingering_after', kind: 'atOnce', of: ({ derived }) => derived.lingeringAfterMs, show: ms },
  { key: 'derived.lost_after', kind: 'atOnce', of: ({ derived }) => derived.lostAfterMs, show: ms },
  { key: 'derived.quota_below', kind: 'atOnce', of: ({ derived }) => derived.quotaBelow, show: number },
  { key: 'hub.port', kind: 'otherCommand', of: ({ hub }) => hub.port, show: number },
  { key: 'hub.host', kind: 'otherCommand', of: ({ hub }) => hub.host, show: text },
  { key: 'hub.key', kind: 'otherCommand', of: ({ hub }) => hub.key },
  { key: 'hub.legacy', kind: 'otherCommand', of: ({ hub }) => hub.legacy, show: onOff },
  { key: 'metrics', kind: 'metrics', of: ({ metrics }) => metrics, show: listenText },
  { key: 'log_level', kind: 'logLevel', of: ({ logLevel }) => logLevel, show: text },
  { key: 'reload', kind: 'atOnce', of: ({ watchesFiles }) => watchesFiles, show: onOff },
];

function storeOf({ store }: Config): string {
  return store.kind === 'memory' ? store.kind : store.kind === 'sqlite' ? `sqlite:${store.file}` : placeOf(store);
}

function listenText(metrics: Config['metrics']): string {
  if (metrics === null) return 'none';
  const names = metrics.names.length === 0 ? '' : `, as ${list(metrics.names)}`;
  return `port ${metrics.port} of ${metrics.host}${names}`;
}

function kindOf(change: {
  readonly key: string;
  readonly usual: PlainKey['kind'];
  readonly isOtherServer: boolean;
  readonly comesOrGoes: boolean;
}): PlainKey['kind'] {
  const { key, usual, isOtherServer, comesOrGoes } = change;
  // The key and the API of another server are of no use for the present one.
  if (isOtherServer && ['source.key', 'source.api'].includes(key)) return 'restart';
  // The demo needs no key: one beside it is for the API alone.
  return key === 'source.key' && comesOrGoes ? 'api' : usual;
}

/** Returns the differences in the keys with one value. */
export function comparePlainKeys(before: Config, after: Config): readonly Change[] {
  const isOtherServer = before.source.url !== after.source.url || before.source.kind.name !== after.source.kind.name;
  return plainKeys.flatMap(({ key, kind: usual, of, show }) => {
    const [old, now] = [of(before), of(after)];
    if (isSame(old, now)) return [];
    const kind = kindOf({ key, usual, isOtherServer, comesOrGoes: old === null || now === null });
    const shown = show as ((value: unknown) => string) | undefined;
    const words = shown === undefined ? 'another one' : `now ${shown(now)}, before ${shown(old)}`;
    return [{ effect: { kind }, key, text: words }];
  });
}
