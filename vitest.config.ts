import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Halves the start of each process under test, and of each worker that imports the chat libraries.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url));

/** End-to-end tests that measure time or memory: each runs alone. */
const measuring = ['bench/*', 'bounds', 'npm-start'].map((name) => `test/e2e/${name}.test.ts`);
/** The contract of the store: the operations on its rows, over SQLite in memory, over a file, and over a real PostgreSQL. */
const contract = [
  'test/outbox/{cards,repeats,forum,overtaken,two-workers}.test.ts',
  'test/outbox/rows/*.test.ts',
  'test/ingest/pipeline.test.ts',
  'test/rooms/{mutes,live-subscriptions}.test.ts',
  'test/inputs/gaps/{gap-rows,heard-until,open-gaps}.test.ts',
  'test/subject-rows/twins.test.ts',
  'test/store/{account-rows,forget-devices,prune-encryption}.test.ts',
  'test/store/clock/store-clock.test.ts',
  'test/commands/shown-posts.test.ts',
];
/** Tests that read a lot, whose statements PostgreSQL may see otherwise; a file answers as memory does. */
const reading = [
  'test/ingest/subject-conditions.test.ts',
  'test/subject-rows/known-post.test.ts',
  'test/commands/{quiet,show}.test.ts',
  'test/rooms/mute-keeper.test.ts',
  'test/metrics/metrics.test.ts',
];
const e2e = { testTimeout: 180_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    // Without it one core of two stays idle.
    maxWorkers: 3,
    projects: [
      {
        // As in the package: the examples import Lookout by its name.
        resolve: {
          alias: {
            'lookout/adapter-contract': fileURLToPath(new URL('src/adapters/contract/contract.ts', import.meta.url)),
            'lookout/adapter': fileURLToPath(new URL('src/adapters/author/author-kit.ts', import.meta.url)),
          },
        },
        test: {
          name: 'fast',
          // Test files share their worker and what it has imported: a third quicker.
          isolate: false,
          include: ['test/**/*.test.ts', 'examples/**/*.test.js'],
          exclude: ['test/e2e/**'],
          setupFiles: ['test/support/leak-check.ts'],
          // The slowest takes some ten seconds on two idle cores; a busy machine is not a failure.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        // The contract over a file with a write-ahead log, as in production.
        test: {
          name: 'disk',
          isolate: false,
          include: contract,
          // Its table has as many rows as a busy year, and says nothing more on a disk.
          exclude: ['test/outbox/rows/next-work.test.ts'],
          setupFiles: ['test/support/disk/on-disk.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'postgres',
          isolate: false,
          include: [...contract, ...reading, 'test/e2e/postgres/*.test.ts'],
          globalSetup: ['test/support/postgres/global-setup.ts'],
          setupFiles: ['test/support/postgres/on-postgres.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...e2e,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: ['test/e2e/postgres/**', ...measuring],
          // Most of them wait for servers and processes of their own.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...e2e,
          name: 'e2e-measuring',
          include: measuring,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
