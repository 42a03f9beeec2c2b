import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Halves the start of each process under test, and of each worker that imports the chat libraries.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url));

/** End-to-end tests that measure time or memory: each runs alone. */
const measuring = ['bench/*', 'bounds', 'npm-start'].map((name) => `test/e2e/${name}.test.ts`);
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
          // The slowest takes some five seconds on two idle cores; a busy machine is no failure.
          testTimeout: 30_000,
        },
      },
      {
        // The tests of the outbox, of ingestion and of what commands store, over a real PostgreSQL instead of SQLite.
        test: {
          name: 'postgres',
          include: [
            'test/outbox/{cards,repeats,forum,overtaken}.test.ts',
            'test/outbox/rows/*.test.ts',
            'test/ingest/{pipeline,subject-conditions}.test.ts',
            'test/rooms/{mutes,live-subscriptions}.test.ts',
            'test/inputs/gaps/{gap-rows,heard-until,open-gaps}.test.ts',
            'test/subject-rows/{twins,known-post}.test.ts',
            'test/store/{account-rows,forget-devices,prune-encryption}.test.ts',
            'test/commands/{quiet,show,shown-posts}.test.ts',
            'test/metrics/metrics.test.ts',
            'test/e2e/postgres/*.test.ts',
          ],
          globalSetup: ['test/support/postgres/global-setup.ts'],
          setupFiles: ['test/support/postgres/on-postgres.ts'],
          testTimeout: 60_000,
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
