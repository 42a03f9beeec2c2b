import type { TrialKind } from './stage-rooms.ts';
import type { Switch } from './switches.ts';
import type { SeveralVerdict, Trial } from './trial.ts';

/** Returns the results of the trials as a Markdown table. */
export function tableOf(
  trials: readonly Trial[],
  run: {
    readonly kind: TrialKind;
    readonly seed: number;
    readonly without: Switch | null;
    readonly homeserver: string;
    /** Null: one process with SQLite. */
    readonly several: { readonly processes: number; readonly shards: number } | null;
  },
): string {
  const sum = (of: (trial: Trial) => number) => trials.reduce((total, trial) => total + of(trial), 0);
  const kinds = new Map<string, number>();
  for (const { faults } of trials) for (const [kind, count] of faults) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  const rows: (readonly [string, string | number])[] = [
    ['trials', trials.length],
    ...(run.kind === 'faults' ? [] : [['kind', run.kind] as const]),
    ['seed', run.seed],
    ['homeserver', run.homeserver],
    ...(run.several === null ? [] : [['processes on one PostgreSQL server', run.several.processes] as const]),
    ...(run.several === null || run.several.shards === 1 ? [] : [['shards of the bot', run.several.shards] as const]),
    ...(run.without === null ? [] : [['without', run.without] as const]),
    ['events', sum(({ events }) => events)],
    ['lost', sum(({ lost }) => lost.length)],
    ['duplicated', sum(({ duplicated }) => duplicated.length)],
    ['out of order (promise 3)', sum(({ outOfOrder }) => outOfOrder.length)],
    ...severalRows(trials),
    ['dead letters, but for `maybe sent` where it cannot be known', sum(({ dead }) => dead.length)],
    ...(run.homeserver === 'double'
      ? []
      : [['faults of the encrypted room', sum(({ unreadable }) => unreadable.length)] as const]),
    ['`maybe sent` where it cannot be known', sum(({ maybeSent }) => maybeSent)],
    ['recovered over the API', sum(({ recovered }) => recovered)],
    ['inside a reported gap', sum(({ inGap }) => inGap)],
    ['late by more than a minute', sum(({ late }) => late)],
    ...[...kinds].sort().map(([kind, count]) => [`fault: ${kind}`, count] as const),
  ];
  return ['| | |', '| --- | ---: |', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n');
}

/** Returns the rows about several processes. */
function severalRows(trials: readonly Trial[]): readonly (readonly [string, string | number])[] {
  const verdicts = trials.flatMap(({ several }) => (several === null ? [] : [several]));
  if (verdicts.length === 0) return [];
  const sum = (of: (verdict: SeveralVerdict) => number) => verdicts.reduce((total, verdict) => total + of(verdict), 0);
  return [
    ['requests that left a process without the lease of their unit', sum(({ withoutLease }) => withoutLease.length)],
    ['shards that were missing at the end, or did not answer once', sum(({ shards }) => shards.length)],
    ['changes of hands of a unit', sum(({ handOvers }) => handOvers)],
    ['takeovers after one fault, of seconds', timesOf(verdicts.flatMap(({ plain }) => plain))],
    ['takeovers while other processes were struck, too', timesOf(verdicts.flatMap(({ disturbed }) => disturbed))],
    ['changes of hands without a fault, to spread the units', sum(({ unexplained }) => unexplained)],
    ['processes that ended by themselves', sum(({ ownEnds }) => ownEnds.length)],
  ];
}

/** `, takeovers after one fault 1 (p50 5.4, max 5.4), after more 0`; empty for one process. */
export function takeoversOf({ several }: Trial): string {
  if (several === null) return '';
  const { plain, disturbed, unexplained, ownEnds } = several;
  return `, takeovers after one fault ${timesOf(plain)}, after more ${timesOf(disturbed)}, without one ${unexplained}${ownEnds.map((reason) => `, ended by itself: ${reason}`).join('')}`;
}

/** `12 (p50 5.4, max 6.3)`; `times` in ms. */
function timesOf(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const shown = (ms: number | undefined) => ((ms ?? 0) / 1_000).toFixed(1);
  if (sorted.length === 0) return '0';
  return `${sorted.length} (p50 ${shown(sorted[Math.floor(sorted.length / 2)])}, max ${shown(sorted.at(-1))})`;
}
