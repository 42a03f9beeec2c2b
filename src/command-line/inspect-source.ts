import { type Finding, no, ok, unclear } from '../adapters/inspection.ts';
import { formatEventSpec } from '../catalogue/event-spec.ts';
import type { Config } from '../config/config.ts';
import type { Input } from '../inputs/input.ts';
import type { SourceState } from '../inputs/source/source.ts';
import { silentLog } from '../log.ts';
import { upstreamOf } from '../router/upstream.ts';
import { type Clock, sleep } from '../time/clock.ts';

/** Time that the source has to answer, ms. */
const LONGEST_MS = 10_000;

interface Parts {
  readonly config: Config;
  readonly clock: Clock;
}

/** Subscribes at the source as `run` does, until it accepts or rejects the key. Events are dropped. */
export async function inspectSource({ config, input, clock }: Parts & { readonly input: Input }): Promise<Finding> {
  const { url, key, name, payloadLimitBytes } = config.source;
  if (url === 'demo' || key === null) return ok('the demo, which needs no key');
  const { promise, resolve } = Promise.withResolvers<Finding>();
  const answered = new AbortController();
  const source = await input.connect({
    ...{ name, url, key, payloadLimitBytes, clock, log: silentLog, network: config.network },
    events: formatEventSpec(upstreamOf(config.subscriptions, config.catalogue)) || input.example,
    onMessage() {},
    onGap() {},
    onState(state: SourceState) {
      if (state.state === 'lost') resolve(unclear(`${url}: ${state.reason}`));
      if (state.state === 'subscribed') resolve(ok(`${url}: the key is accepted (from ${key.from})`));
      if (state.state === 'rejected')
        resolve(
          no(`${url}: the key is rejected (from ${key.from}): ask an admin of ${name} for one, and put it there`),
        );
    },
  });
  source.start();
  void sleep(clock, LONGEST_MS, answered.signal).then(() =>
    resolve(unclear(`${url}: no answer within ${LONGEST_MS / 1_000} s`)),
  );
  const finding = await promise;
  answered.abort();
  await source.stop();
  return finding;
}

/** Fetches a row from the source's API; null: none is configured. */
export async function inspectApi({ config, clock }: Parts): Promise<Finding | null> {
  const { api, key, kind } = config.source;
  const model = config.catalogue.ofRole('report');
  if (api === null || key === null || model === undefined) return null;
  const reader = kind.createRowReader({ api, key, clock, network: config.network, onLess() {} });
  const answered = new AbortController();
  void sleep(clock, LONGEST_MS, answered.signal).then(() => answered.abort());
  try {
    const listed = await reader.listRows(model, () => 'old', answered.signal);
    if (listed.outcome !== 'failed') return ok(`${api}: the key is accepted`);
    const isLate = answered.signal.aborted;
    return unclear(`${api}: ${isLate ? `no usable answer within ${LONGEST_MS / 1_000} s` : listed.reason}`);
  } finally {
    answered.abort();
    reader.close();
  }
}
