/** `node --expose-gc pick-from.ts <store>`: picks the next send of its room some times; says how long that takes and what it holds. */
import { nextWork } from '../../src/outbox/next-work.ts';
import { createPicker } from '../../src/outbox/pick.ts';
import { openStore } from '../../src/store/open-store.ts';
import { inOrder } from '../../src/subjects/order.ts';

const picks = 200;
const store = await openStore(process.argv[2] ?? '');
const times: number[] = [];
for (let n = 0; n < picks; n++) {
  const began = performance.now();
  const work = await nextWork(store.db, 1, Date.now());
  const picked = await createPicker(store.db, 1, Date.now(), inOrder).next();
  if (work.kind !== 'plan' || picked === null) throw new Error('nothing was picked');
  times.push(performance.now() - began);
}
globalThis.gc?.();
const memoryMb = process.memoryUsage().rss / 1e6;
console.log(JSON.stringify({ pickMs: times.toSorted((a, b) => a - b)[picks / 2], memoryMb }));
await store.close();
