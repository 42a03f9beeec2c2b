import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import type { StoreConfig } from '../config/config.ts';
import { placeOf } from '../store/place.ts';
import type { Json } from '../words.ts';
import type { ControlAnswer, Route } from './route.ts';
import { findSocket, shortPath } from './socket-path.ts';

/** Time for an answer, ms. Longer than any request of ours takes. */
const ANSWER_MS = 60_000;

/** The configuration, as far as its Lookout is to be found. */
export interface Named {
  /** The configuration's file. */
  readonly file: string;
  readonly store: StoreConfig;
}

export interface Question extends Pick<Route, 'method' | 'path'> {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Json;
}

/** `unreachable`: no Lookout answers; `error` says why, for people. */
export type Asked = ControlAnswer | { readonly outcome: 'unreachable'; readonly error: string };

/** Asks the Lookout that runs on the store of a configuration. */
export async function askRunning({ file, store }: Named, question: Question): Promise<Asked> {
  if (store.kind === 'memory')
    return unreachable(
      `${file}: \`store: memory\` has no file, beside which a running Lookout could be reached: write store: sqlite:lookout.db`,
    );
  const short = shortPath(findSocket({ file, store }));
  try {
    const response = await answerOf(short.path, question);
    const body = JSON.parse(await readText(response)) as Json;
    if (response.statusCode === 200) return { outcome: 'done', body };
    const error = typeof body === 'object' && body !== null && 'error' in body ? String(body.error) : 'no reason given';
    return { outcome: 'refused', error };
  } catch (err) {
    return unreachable(
      textOf(err as NodeJS.ErrnoException, { file, store: placeOf(store), isShared: store.kind === 'postgres' }),
    );
  } finally {
    short.end();
  }
}

const unreachable = (error: string): Asked => ({ outcome: 'unreachable', error });

async function answerOf(socketPath: string, { method, path, query, body }: Question): Promise<IncomingMessage> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const search = query === undefined ? '' : `?${new URLSearchParams(query)}`;
  const request = httpRequest({
    socketPath,
    method,
    path: `${path}${search}`,
    headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) },
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  request.end(text);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

function textOf(
  err: NodeJS.ErrnoException,
  { file, store, isShared }: { readonly file: string; readonly store: string; readonly isShared: boolean },
): string {
  const start = `\`lookout run${file === 'config.yaml' ? '' : ` -c ${file}`}\` starts it`;
  switch (err.code) {
    // Without a file, or with one that a killed process left.
    case 'ENOENT':
    case 'ECONNREFUSED':
      return isShared
        ? `no Lookout runs with ${file} on this machine: ${start}, or ask where one works on ${store}`
        : `no Lookout runs on this store: ${store} (of ${file}): ${start}`;
    case 'EACCES':
    case 'EPERM':
      return `the Lookout on ${store} belongs to another user: run this as that user`;
    default:
      return `the Lookout on ${store} did not answer: ${err.message}`;
  }
}
