import type { TestProject } from 'vitest/node';
import { openPostgres } from '../../../src/store/postgres/open-postgres.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { startPostgres } from './server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The port of the server, which has a database `template_lookout` with our tables. */
    readonly postgresPort: number;
  }
}

/** Starts the server that all test files of the project share. */
export default async function setUp({ provide }: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres();
  await server.run('create database template_lookout');
  const patience = { clock: systemClock, hurry: new AbortController().signal, watch: null };
  const address = server.address('template_lookout');
  await (await openPostgres({ ...patience, address, purpose: 'template' })).close();
  provide('postgresPort', address.port);
  return () => server.stop();
}
