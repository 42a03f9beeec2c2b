import { platforms } from '../../src/adapters/platforms.ts';
import { createInstruments } from '../../src/metrics/instruments.ts';

/** The parts of prom-client's metric objects that a table needs; its types keep `labelNames` to themselves. */
interface Instrument {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly constructor: { readonly name: string };
}

/** A registry of every metric that there is, those of single platforms too. */
export const allMetrics = () =>
  createInstruments(platforms.flatMap(({ name: platform, counters }) => counters.map((one) => ({ platform, ...one }))))
    .registry;

/** The table of metrics in `docs/operations.md`, made from the instruments. */
export function metricsPage(): string {
  const ours = (allMetrics().getMetricsAsArray() as unknown as readonly Instrument[]).filter(({ name }) =>
    name.startsWith('lookout_'),
  );
  const rows = ours.map((instrument) => {
    const { name, help, labelNames } = instrument;
    const labels = labelNames.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${instrument.constructor.name.toLowerCase()} | ${labels} | ${help} |`;
  });
  return ['| metric | type | labels | counts |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
