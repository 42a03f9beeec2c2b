import { cardRows } from './cards.ts';
import { commandRows } from './commands.ts';
import { encryptedRows } from './encrypted.ts';
import { fanOutRows } from './fan-out.ts';
import { floodRows } from './flood.ts';
import { gapRows } from './gap.ts';
import { idleRows } from './idle.ts';
import { idlePostgresRows } from './idle-postgres.ts';
import { ingestionRows } from './ingestion.ts';
import { postgresRows } from './postgres.ts';
import { processRows } from './processes.ts';
import { quietRows } from './quiet.ts';
import { roomsRows } from './rooms-growth.ts';
import type { Row } from './row.ts';
import { waitingRows } from './waiting.ts';
import { waveRows } from './wave.ts';

/** Every row, in the order in which they run: the long ones last. */
export const rows: readonly Row[] = [
  ...ingestionRows,
  ...commandRows,
  ...quietRows,
  ...postgresRows,
  ...processRows,
  ...encryptedRows,
  ...cardRows,
  ...gapRows,
  ...waveRows,
  ...idleRows,
  ...idlePostgresRows,
  ...floodRows,
  ...roomsRows,
  ...waitingRows,
  ...fanOutRows,
];
