import type { TrialKind } from './stage-rooms.ts';
import type { Switch } from './switches.ts';
import type { Trial } from './trial.ts';

/** Returns the results of the trials as a Markdown table. */
export function tableOf(
  trials: readonly Trial[],
  run: {
    readonly kind: TrialKind;
    readonly seed: number;
    readonly without: Switch | null;
    readonly homeserver: string;
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
    ...(run.without === null ? [] : [['without', run.without] as const]),
    ['events', sum(({ events }) => events)],
    ['lost', sum(({ lost }) => lost.length)],
    ['duplicated', sum(({ duplicated }) => duplicated.length)],
    ['out of order (promise 3)', sum(({ outOfOrder }) => outOfOrder.length)],
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
