import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CableClient } from '../../support/cable-server.ts';
import { codePoint } from '../../support/code-point.ts';
import { type Hearing, listenTo, nextClient, serverOf } from './hearing.ts';

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);

/** Builds a frame from the identifier of the source's subscribe. */
type Frame = (identifier: string) => string | Buffer;

const identifiers = fc.oneof(fc.constant('ours'), fc.constant(undefined), fc.jsonValue());
const types = fc.oneof(
  fc.constantFrom('welcome', 'ping', 'confirm_subscription', 'reject_subscription', 'disconnect', undefined),
  fc.jsonValue(),
);
const cableLike: fc.Arbitrary<Frame> = fc
  .record({
    identifier: identifiers,
    type: types,
    message: fc.option(fc.jsonValue(), { nil: undefined }),
    reconnect: types,
  })
  .map(
    (frame) => (ours) =>
      JSON.stringify({ ...frame, identifier: frame.identifier === 'ours' ? ours : frame.identifier }),
  );
const frames: fc.Arbitrary<Frame> = fc.oneof(
  { weight: 6, arbitrary: cableLike },
  { weight: 2, arbitrary: fc.json().map((text) => () => text) },
  { weight: 2, arbitrary: fc.string({ unit: codePoint, maxLength: 300 }).map((text) => () => text.toWellFormed()) },
  {
    weight: 1,
    arbitrary: cableLike.chain((frame) => fc.nat(80).map((at) => (ours: string) => String(frame(ours)).slice(0, at))),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 50 }).map((bytes) => () => Buffer.from(bytes)) },
);

function send(client: CableClient, frame: string | Buffer): void {
  if (typeof frame === 'string') client.raw(frame);
  else client.binary(frame);
}

/** Waits until the source has received the message, through as many new connections as necessary. */
async function expectHeard(
  hearing: Hearing,
  server: Awaited<ReturnType<typeof serverOf>>,
  client: CableClient,
  mark: string,
) {
  const heard = () => hearing.messages.includes(mark);
  for (let current = client; ; current = await nextClient(server)) {
    current.message(mark);
    await Promise.race([hearing.until(heard), current.gone()]);
    if (heard()) return;
    // In small steps, so that a new connection is handled soon. A rejected key takes five minutes.
    const before = server.connections;
    while (server.connections === before) await hearing.clock.advance(4_000);
  }
}

it(`survives anything that a server may send and receives the events after it (FUZZ_SEED=${seed})`, async () => {
  const server = await serverOf();
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(frames, { maxLength: 30 }), async (sent) => {
      const hearing = listenTo(server.url);
      const client = await nextClient(server);
      for (const frame of sent) send(client, frame(client.identifier));
      await expectHeard(hearing, server, client, `mark ${round++}`);
      await hearing.source.stop();
      expect(hearing.clock.pending).toBe(0);
    }),
    { seed, numRuns: 150 },
  );
});
