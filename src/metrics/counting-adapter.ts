import type { Adapter, SendResult } from '../adapters/adapter.ts';
import type { Clock } from '../clock.ts';

/** Told of every send: what was answered, and after how long, in milliseconds. */
export type NoteSend = (adapter: Adapter, outcome: SendResult['outcome'], tookMs: number) => void;

/** The same adapter, with every send noted. One that was stopped before its answer came counts too, as `unknown`. */
export function countSends(adapter: Adapter, note: NoteSend, clock: Clock): Adapter {
  return {
    ...adapter,
    async send(request, signal) {
      const began = clock.monotonic();
      const result = await adapter.send(request, signal);
      note(adapter, result.outcome, clock.monotonic() - began);
      return result;
    },
  };
}
