import type { OutgoingRequest, ToDeviceRequest } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { Call, HomeserverClient } from '../client.ts';
import type { Exchange, Failure } from '../exchange.ts';
import { printable } from '../printable.ts';
import { createLock, type Lock } from './locks.ts';
import type { Machine } from './machine.ts';
import { wellShaped } from './well-shaped.ts';

/** Something that the machine wants to be sent to the homeserver. */
type MachineRequest = OutgoingRequest | ToDeviceRequest;

/** Most rounds of requests in a row: an answer may lead to another one. */
const mostRounds = 20;

/** Makes the requests of a machine. What led to a request is kept before its first byte leaves. */
export class MachineRequests {
  readonly #machine: Machine;
  readonly #client: HomeserverClient;
  readonly #pumping: Lock = createLock();

  constructor(machine: Machine, client: HomeserverClient) {
    this.#machine = machine;
    this.#client = client;
  }

  /** Makes a request and tells the machine the answer. Returns the failure; null: it worked. */
  async make(request: MachineRequest, signal: AbortSignal): Promise<Failure | null> {
    await this.#machine.commit();
    const exchange = await this.ask(callOf(request, this.#machine), signal);
    if (exchange.kind !== 'ok') return this.#explained(exchange, request);
    const { id } = request;
    if (id === undefined) return null;
    const body = JSON.stringify(wellShaped(exchange.body));
    try {
      await this.#machine.call('an answer', (olm) => olm.markRequestAsSent(id, request.type, body));
      return null;
    } catch (err) {
      const reason = err instanceof Error ? err.message : String(err);
      return { kind: 'unanswered', written: true, text: `the answer about keys cannot be read: ${printable(reason)}` };
    }
  }

  /** Makes all requests that wait: keys to publish, users to ask about. Returns the first failure; null: none. */
  pump(signal: AbortSignal): Promise<Failure | null> {
    return this.#pumping.run(async () => {
      for (let round = 0; round < mostRounds; round++) {
        const waiting = await this.#machine.call('outgoing requests', (olm) => olm.outgoingRequests());
        if (waiting.length === 0) break;
        const failures: Failure[] = [];
        for (const request of waiting) {
          // One that is refused holds up no other.
          const failure = await this.make(request, signal);
          if (failure !== null) failures.push(failure);
        }
        const [first] = failures;
        if (first !== undefined) return first;
      }
      await this.#machine.commit();
      return null;
    });
  }

  /** A homeserver refuses keys that are not the next after those that it has: the store is an older one. */
  #explained(failure: Failure, { type }: MachineRequest): Failure {
    const { KeysUpload } = this.#machine.library.RequestType;
    if (type !== KeysUpload || failure.kind !== 'refused' || failure.status !== 400) return failure;
    const remedy = 'the store is an older copy: log the bot in anew (lookout login matrix)';
    return { ...failure, text: failure.text === '' ? remedy : `${failure.text}; ${remedy}` };
  }

  /** Makes a request that the machine does not wait for. */
  ask(call: Call, signal: AbortSignal): Promise<Exchange> {
    return this.#client.request(call, signal);
  }
}

/** https://spec.matrix.org/v1.16/client-server-api/#end-to-end-encryption */
function callOf(request: MachineRequest, { library: { RequestType } }: Machine): Call {
  const post = (path: string): Call => ({ method: 'POST', path, body: request.body });
  switch (request.type) {
    case RequestType.KeysUpload:
      return post('/keys/upload');
    case RequestType.KeysQuery:
      return post('/keys/query');
    case RequestType.KeysClaim:
      return post('/keys/claim');
    case RequestType.SignatureUpload:
      return post('/keys/signatures/upload');
    case RequestType.ToDevice: {
      const { event_type: type, txn_id: id } = request as ToDeviceRequest;
      const path = `/sendToDevice/${encodeURIComponent(type)}/${encodeURIComponent(id)}`;
      return { method: 'PUT', path, body: request.body };
    }
    default:
      throw new Error(`the encryption library asks for a request of type ${request.type}`);
  }
}
