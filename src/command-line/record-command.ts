import { formatEventSpec, parseEventSpec } from '../catalogue/event-spec.ts';
import type { Config } from '../config/config.ts';
import type { SourceOptions } from '../inputs/source/source.ts';
import { createLog } from '../log.ts';
import { createRouter } from '../router/router.ts';
import { noOptions } from '../router/subscription-options.ts';
import { counted } from '../text/counted.ts';
import { systemClock } from '../time/clock.ts';
import { recordLine } from '../trial/record.ts';
import type { CommandLine } from './command-line.ts';
import { extensions } from './extensions.ts';
import type { ExitCode } from './terminal.ts';

export interface RecordArguments {
  /** An event spec; null: what the subscriptions need. */
  readonly events: string | null;
  /** Longest text of a row; null: texts stay whole. */
  readonly cut: number | null;
  /** The number of events after which it ends; null: at Ctrl-C. */
  readonly count: number | null;
}

/** Runs `lookout record`: writes events as lines until Ctrl-C. Exits with 1 if the source rejects the key. */
export async function recordCommand(config: Config, said: RecordArguments, line: CommandLine): Promise<ExitCode> {
  const { terminal } = line;
  const { source, catalogue, network, secrets } = config;
  const events = specOf(config, said.events);
  if ('wrong' in events) {
    terminal.err(`${events.wrong}\n`);
    return 2;
  }
  const log = createLog({
    write: terminal.styled,
    ...{ forPeople: terminal.errIsTerminal, color: terminal.errColor, level: 'info', secrets: () => secrets },
  });
  const input = extensions.inputs.find(({ name }) => name === source.kind.name);
  if (input === undefined) throw new Error(`there is no kind of source "${source.kind.name}"`);
  const { promise: ended, resolve: end } = Promise.withResolvers<ExitCode>();
  line.onSignal(() => end(0));
  const demo = source.url === 'demo' ? await input.startDemo({ clock: systemClock, log, catalogue }) : null;
  const options = {
    kind: source.kind,
    catalogue,
    secrets: demo === null ? secrets : [demo.key],
    longestText: said.cut,
  };
  let recorded = 0;
  let skipped = 0;
  const onMessage: SourceOptions['onMessage'] = (message) => {
    if (recorded === said.count) return;
    const text = recordLine(message, systemClock.now(), options);
    if (text === null) return void skipped++;
    recorded++;
    const isLast = recorded === said.count;
    // Without a reader there is nothing to do any more.
    line.write(text).then(
      () => isLast && end(0),
      () => end(1),
    );
  };
  const key = demo?.key ?? source.key;
  if (key === null) throw new Error('the configuration accepted a source without a key');
  const connection = await input.connect({
    ...{ name: source.name, url: demo?.url ?? source.url, key, network, clock: systemClock, log, onMessage },
    events: events.spec,
    payloadLimitBytes: source.payloadLimitBytes,
    onState: ({ state }) => state === 'rejected' && end(1),
    onGap: ({ reason }) => log.warn({}, `events are missing in the recording: ${reason}`),
  });
  connection.start();
  const code = await ended;
  await connection.stop();
  await demo?.stop();
  terminal.err(
    `${counted(recorded, 'event')} recorded${skipped === 0 ? '' : `, ${skipped} messages were no events`}\n`,
  );
  return code;
}

/** Returns the events to ask for. */
function specOf(
  { subscriptions, catalogue }: Config,
  written: string | null,
): { readonly spec: string } | { readonly wrong: string } {
  if (written === null) {
    const spec = formatEventSpec(createRouter(subscriptions, catalogue).union);
    const wrong = 'no subscription names an event of the source: name some with --events posts';
    return spec === '' ? { wrong } : { spec };
  }
  const read = parseEventSpec(written, catalogue);
  if (read.outcome === 'problems') {
    const { wrong, right } = read.problems[0]!;
    return { wrong: `--events ${written}: ${wrong}: ${right}` };
  }
  const one = { id: 'record', events: read.spec, where: null, rooms: [], template: null, options: noOptions };
  return { spec: formatEventSpec(createRouter([one], catalogue).union) };
}
