import type { MeasuredRows } from '../bench/measurements.ts';
import { count } from '../bench/row.ts';

/** Reports of metasmoke in a day, on average. */
const REPORTS_A_DAY = 160;
const ROOMS = 1_000_000;
/** Rooms of the rows `idle-postgres` and `ingestion-postgres`. */
const MEASURED_ROOMS = 10_000;
/** Requests that Discord takes from a bot in a second: https://docs.discord.com/developers/topics/rate-limits#global-rate-limit */
const DISCORD_PER_SECOND = 50;
const SECONDS_A_DAY = 86_400;

/** Returns the table of the arithmetic to a million rooms from the measured costs of one event, one delivery and one idle room. */
export function millionRooms(rows: MeasuredRows): string {
  const notMeasured = 'Not measured yet: `npm run bench -- --write`.';
  const figure = (row: string, name: string) => {
    const found = rows[row];
    return found?.outcome === 'measured' ? found.figures.find((one) => one.name === name) : undefined;
  };
  const value = (row: string, name: string) => figure(row, name)?.value ?? Number.NaN;
  const floor = (row: string, name: string) => figure(row, name)?.floor?.value ?? Number.NaN;
  const [event, eventServer] = [value('ingestion-postgres', 'cpu'), value('ingestion-postgres', 'server')];
  const wide = value('ingestion-postgres', 'wide');
  const [sent, sentServer] = [value('postgres', 'cpu'), value('postgres', 'server')];
  const [idleMb, fewMb] = [value('idle-postgres', 'residentMb'), floor('idle-postgres', 'residentMb')];
  const [statements, fewStatements] = [value('idle-postgres', 'statements'), floor('idle-postgres', 'statements')];
  const one = value('processes', 'rate1');
  const kilobytes = ((idleMb - fewMb) * 1_000) / MEASURED_ROOMS;
  const perSecond = (REPORTS_A_DAY * ROOMS) / SECONDS_A_DAY;
  const bots = Math.ceil(perSecond / DISCORD_PER_SECOND);
  const numbers = [event, eventServer, wide, sent, sentServer, kilobytes, statements, fewStatements, one];
  if (!numbers.every(Number.isFinite)) return notMeasured;
  const lines = [
    [
      'an event, stored with two deliveries',
      `${ms(event)} of CPU in Lookout, ${ms(eventServer)} in PostgreSQL`,
      '`ingestion-postgres`',
      `${REPORTS_A_DAY} reports a day: nothing`,
    ],
    [
      `one event for ${count(MEASURED_ROOMS)} rooms, stored`,
      ms(wide),
      '`ingestion-postgres`',
      `${(((wide / 1_000) * ROOMS) / MEASURED_ROOMS).toFixed(0)} s in one transaction`,
    ],
    [
      'a message, planned, sent and settled',
      `${ms(sent)} of CPU in Lookout, ${ms(sentServer)} in PostgreSQL`,
      '`postgres`',
      `${count(Math.round(perSecond))} a second: ${cores(sent, perSecond)} of Lookout, ${cores(sentServer, perSecond)} of PostgreSQL`,
    ],
    [
      'one process with one account, the server on the same two cores',
      `${count(Math.round(one))} messages a second`,
      '`processes`',
      `${Math.ceil(perSecond / one)} machines like this one, if the server has cores of its own for all of them`,
    ],
    [
      'a room in which nothing happens',
      `${kilobytes.toFixed(0)} kB of memory`,
      '`idle-postgres`',
      `${((kilobytes * ROOMS) / 1e6).toFixed(0)} GB over all processes`,
    ],
    [
      `statements while nothing happens, with 2 and ${count(MEASURED_ROOMS)} rooms`,
      `${fewStatements.toFixed(0)} and ${statements.toFixed(0)} a second`,
      '`idle-postgres`',
      'the same for each process',
    ],
    [
      'requests that Discord takes from one bot',
      `${DISCORD_PER_SECOND} a second`,
      "Discord's own limit",
      `${bots} bots, and the last room has a report after ${(ROOMS / bots / DISCORD_PER_SECOND / 60).toFixed(0)} minutes`,
    ],
  ];
  return [
    '| | cost | row of the bench | a million rooms |',
    '| --- | --- | --- | --- |',
    ...lines.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}

/** CPU seconds for a thousand are milliseconds for one. */
const ms = (value: number) => `${Number(value.toPrecision(2))} ms`;

const cores = (each: number, perSecond: number) => `${((each / 1_000) * perSecond).toFixed(1)} cores`;
