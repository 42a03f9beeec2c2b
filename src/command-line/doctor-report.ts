import { release } from 'node:os';
import { check } from '../config/check.ts';
import type { Extensions } from '../config/extensions.ts';
import type { Environment } from '../config/substitute.ts';
import { askRunning } from '../control/ask-running.ts';
import { withoutSecrets } from '../secrets/without-secrets.ts';
import { describeStore } from '../store/describe-store.ts';
import type { StorePlace } from '../store/place.ts';
import type { Json } from '../words.ts';
import { findStore } from './find-store.ts';

/** Time for the running Lookout to answer with its metrics, ms. */
const METRICS_MS = 3_000;

export interface ReportOptions {
  /** The configuration's file. */
  readonly file: string;
  readonly environment: Environment;
  readonly extensions: Extensions;
  /** The version of Lookout. */
  readonly version: string;
  /** Unix milliseconds. */
  readonly now: number;
}

/** Collects all that a bug report needs, as JSON. No secret of the configuration is in it. */
export async function reportOf({ file, environment, extensions, version, now }: ReportOptions): Promise<string> {
  const { config, json, secrets } = check(file, environment, extensions);
  const store = config?.store ?? findStore(file, environment);
  const asked = store === null ? null : await askRunning({ file, store }, { method: 'GET', path: '/troubles' });
  const report: Json = {
    written: new Date(now).toISOString(),
    version,
    node: process.version,
    system: `${process.platform} ${process.arch} ${release()}`,
    configuration: json,
    running: asked === null ? null : asked.outcome === 'done' ? asked.body : { problem: asked.error },
    metrics: config?.metrics == null ? 'not in the configuration' : await metricsOf(config.metrics),
    database: store === null || store.kind === 'memory' ? null : await describe(store),
  };
  const clean = (_: string, value: Json) => (typeof value === 'string' ? withoutSecrets(value, secrets) : value);
  return `${JSON.stringify(report, clean, 2)}\n`;
}

async function describe(store: StorePlace): Promise<Json> {
  if (store.kind === 'sqlite') return describeStore(store.file);
  const { describePostgres } = await import('../store/postgres/describe-postgres.ts');
  return describePostgres(store.address);
}

/** Returns what the running Lookout says of its readiness, and its own metrics. */
async function metricsOf({ host, port }: { readonly host: string; readonly port: number }): Promise<Json> {
  const address = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const ask = async (path: string) => {
    const url = `http://${address.includes(':') ? `[${address}]` : address}:${port}${path}`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(METRICS_MS) });
    return (await answer.text()).split('\n');
  };
  try {
    const values = (await ask('/metrics')).filter((line) => line.startsWith('lookout_'));
    return { readiness: await ask('/readyz'), values };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
