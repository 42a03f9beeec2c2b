/** The content of a scrape: the value of each series, by its name with its labels as written. */
export type Scrape = ReadonlyMap<string, number>;

const name = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
const helpLine = new RegExp(`^# HELP (${name}) \\S.*$`);
const typeLine = new RegExp(`^# TYPE (${name}) (counter|gauge|histogram|summary)$`);
const sampleLine = new RegExp(
  `^(${name})(\\{${label}(?:,${label})*\\})? ([+-]?(?:\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?|Inf)|NaN|Nan)$`,
);

/**
 * Parses Prometheus' text format line by line, and fails on invalid lines, on a duplicate series, and on a series
 * without help and type right before it. https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function parseScrape(text: string): Scrape {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const series = new Map<string, number>();
  const types = new Map<string, string>();
  let helped = '';
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue;
    const [, help] = helpLine.exec(line) ?? [];
    const [, typed, type] = typeLine.exec(line) ?? [];
    const [, of, labels = '', value] = sampleLine.exec(line) ?? [];
    if (help !== undefined) helped = help;
    else if (typed !== undefined) {
      if (typed !== helped || types.has(typed)) throw new Error(`type without its help, or twice: ${line}`);
      types.set(typed, type ?? '');
      current = typed;
    } else if (of !== undefined) {
      const suffix = types.get(current) === 'histogram' ? '(?:_bucket|_sum|_count)' : '';
      if (!new RegExp(`^${current}${suffix}$`).test(of)) throw new Error(`not below its type: ${line}`);
      if (series.has(of + labels)) throw new Error(`twice: ${line}`);
      series.set(of + labels, Number(value?.replace('Inf', 'Infinity').replace('Nan', 'NaN')));
    } else throw new Error(`no line of the format: ${line}`);
  }
  return series;
}
