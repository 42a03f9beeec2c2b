import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { createConsoleAdapter } from '../../../src/adapters/console/console-adapter.ts';
import { auditCommand } from '../../../src/command-line/audit-command.ts';
import { exportSubscriptionsCommand } from '../../../src/command-line/export-command.ts';
import { extensions } from '../../../src/command-line/extensions.ts';
import { listCommand } from '../../../src/command-line/outbox-command.ts';
import { listSubscriptionsCommand } from '../../../src/command-line/subscriptions-command.ts';
import { createTerminal, type ExitCode, type Terminal } from '../../../src/command-line/terminal.ts';
import { check, problemLine } from '../../../src/config/check.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { createLog } from '../../../src/log.ts';
import { storeRooms } from '../../../src/outbox/rows/rooms.ts';
import { code, messageOf, paragraph } from '../../../src/render/say.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import { printedJson, printedRow } from '../../../src/text/printed.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { hostileText, obeyedIn, withoutColors } from '../../support/hostile-text.ts';

let folder: string;
let store: Store;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-text-'));
  store = await openStore(join(folder, 'lookout.db'));
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** Returns the output of a command on its two streams together, and the data alone. */
async function shownBy(command: (terminal: Terminal) => Promise<ExitCode>) {
  let data = '';
  let all = '';
  const known = { errIsTerminal: true, outIsTerminal: true, errColor: true, outColor: true, outColumns: 80 };
  const writeErr = (text: string) => {
    all += text;
  };
  const writeOut = (text: string) => {
    data += text;
    all += text;
  };
  const exitCode = await command(createTerminal({ ...known, writeOut, writeErr }));
  return { data, all, exitCode, rows: data.split('\n').length - 1 };
}

const named = () => ({
  clock: systemClock,
  file: 'config.yaml',
  store: { kind: 'sqlite', file: join(folder, 'lookout.db'), keepMs: 1 } as const,
});

/** Stores one row of everything that the command line lists, made of this text. */
async function fill(text: string): Promise<void> {
  const { db } = store;
  for (const table of ['deliveries', 'events', 'audit', 'people', 'subscriptions', 'rooms'] as const)
    await db.deleteFrom(table).execute();
  const address = `matrix:${text}`;
  await db.insertInto('audit').values({ at: 1, address, author: text, command: 'mute', what: text }).execute();
  await db.insertInto('people').values({ platform: 'matrix', id: text, name: text }).execute();
  const asked = { address: text, events: text, where: text, template: text, author: text };
  await db
    .insertInto('subscriptions')
    .values({ id: text, ...asked, created_at: 1 })
    .execute();
  const [room] = await storeRooms(db, [
    { name: text, address: `matrix:${text}`, platform: 'matrix', account: 'matrix' },
  ]);
  const known = { source: text, model: text, class: text, row_id: text, type: 'create', subject: text } as const;
  const failed = { updated_at: null, received_at: 1, origin: 'live', object: '{}', identity: null } as const;
  const event = await db
    .insertInto('events')
    .values({ ...known, ...failed, forget_at: null, state: 'failed', failure: text, trigger_id: null })
    .returning('id')
    .executeTakeFirstOrThrow();
  const waiting = {
    state: 'waiting',
    reason: null,
    subscription: 's',
    template: null,
    options: '{}',
    due_at: 1,
    ready: 0,
  } as const;
  const never = { mute: null, message_id: null, slot: null, attempts: 0, counted_ms: 0, settled_at: null } as const;
  const order = { order_at: 1, order_rank: 0, priority: 0, alone: 0, catch_up: null } as const;
  const about = { event_id: event.id, room_id: room!.id, subject: text, first_attempt_at: null, last_attempt_at: null };
  await db
    .insertInto('deliveries')
    .values({ ...about, ...waiting, ...never, ...order })
    .execute();
}

const commands: readonly (readonly [string, (terminal: Terminal, json: boolean) => Promise<ExitCode>])[] = [
  ['outbox list', (terminal, json) => listCommand(named(), json, terminal)],
  ['subscriptions list', (terminal, json) => listSubscriptionsCommand(named(), { room: null, json }, terminal)],
  ['audit', (terminal, json) => auditCommand(named(), { limit: 9, room: null, json }, terminal)],
];

describe.each(commands)('lookout %s', (_, command) => {
  it('shows foreign text on one line, without characters that a terminal obeys', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        await fill(text);
        const { all, rows, exitCode } = await shownBy((terminal) => command(terminal, false));
        expect({ exitCode, rows, obeyed: obeyedIn(all) }).toEqual({ exitCode: 0, rows: 1, obeyed: null });
      }),
      { numRuns: 30 },
    );
  });

  it('prints the same text for programs, without characters that a terminal obeys', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        await fill(text);
        const { all, data } = await shownBy((terminal) => command(terminal, true));
        expect(obeyedIn(all)).toBeNull();
        // The database contains UTF-8, which has no lone surrogates.
        expect(JSON.stringify(JSON.parse(data))).toContain(JSON.stringify(text.toWellFormed()));
      }),
      { numRuns: 30 },
    );
  });
});

describe('a terminal', () => {
  it('is only written to by the launcher and the command line, whose output goes through one printer', () => {
    const src = fileURLToPath(new URL('../../../src', import.meta.url));
    const writing = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
      (name) =>
        // The launcher prints no foreign text.
        /\.[jt]s$/.test(name) &&
        !name.startsWith('launcher/') &&
        /process\.std(?:out|err)|console\.\w+\(/.test(readFileSync(join(src, name), 'utf8')),
    );
    expect(writing.sort()).toEqual(['lookout.js', 'main.ts']);
  });

  it('obeys nothing in the output of lookout subscriptions export', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        await fill(text);
        expect(
          obeyedIn(
            (
              await shownBy((terminal) =>
                exportSubscriptionsCommand(named(), { write: false, environment: {} }, terminal),
              )
            ).all,
          ),
        ).toBeNull();
      }),
      { numRuns: 30 },
    );
  });

  it('obeys nothing in the output of lookout check, for a good configuration or a bad one', async () => {
    const file = join(folder, 'config.yaml');
    await fc.assert(
      fc.asyncProperty(
        hostileText,
        fc.constantFrom('source', 'rooms', 'where', 'events', 'template'),
        async (text, place) => {
          const part = (name: string, usual: string) => (place === name ? text.replaceAll('$', '') : usual);
          const where = `true || """${part('where', 'x').replaceAll(/["\\]/g, '')}""" == ""`;
          const heard = {
            events: part('events', 'posts'),
            rooms: 'console:hq',
            template: part('template', 'post'),
            where,
          };
          const source = { url: 'demo', name: part('source', 'metasmoke') };
          const all = {
            source,
            store: 'memory',
            rooms: { [part('rooms', 'hq')]: 'console:hq' },
            subscriptions: [heard],
          };
          writeFileSync(file, stringify(all));
          const found = check(file, {}, extensions);
          const { all: said, rows } = await shownBy(async ({ out, err }) => {
            out(found.lines.map((line) => printedRow([line])).join(''));
            for (const problem of loadConfig(file, {}, extensions).problems) err(`${problemLine(problem)}\n`);
            return found.exitCode;
          });
          expect({ rows, obeyed: obeyedIn(said) }).toEqual({ rows: found.lines.length, obeyed: null });
          expect(obeyedIn(printedJson(found.json))).toBeNull();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('obeys nothing in the log but colours, on a line each, for people and for programs', () => {
    fc.assert(
      fc.property(hostileText, fc.boolean(), fc.constantFrom('info', 'debug'), (text, forPeople, level) => {
        const lines: string[] = [];
        const log = createLog({ write: (line) => lines.push(line), forPeople, color: true, level, secrets: () => [] });
        const fields = { room: text, reason: text, [text]: { [text]: [text] } };
        log.warn(fields, `a command was refused: ${text}`);
        expect(lines).toHaveLength(1);
        expect(lines[0]!.match(/\n/g)).toHaveLength(1);
        expect(obeyedIn(withoutColors(lines[0]!))).toBeNull();
        if (!forPeople) expect(JSON.parse(lines[0]!)).toMatchObject({ reason: text });
      }),
    );
  });

  it('obeys nothing in an error in the log, whose lines stand in', () => {
    fc.assert(
      fc.property(hostileText, fc.boolean(), fc.constantFrom('info', 'debug'), (text, forPeople, level) => {
        let said = '';
        const write = (line: string) => {
          said += line;
        };
        const log = createLog({ write, forPeople, color: false, level, secrets: () => [] });
        log.error({ err: new Error(text, { cause: new Error(text) }) }, 'it failed');
        expect(obeyedIn(said)).toBeNull();
        expect(said.split('\n').filter((line) => /^\S/.test(line))).toHaveLength(1);
      }),
    );
  });

  it('obeys nothing in a console room but colours', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, fc.boolean(), async (text, color) => {
        let said = '';
        const write = async (part: string) => {
          said += part;
        };
        const adapter = createConsoleAdapter({ input: null, clock: systemClock, write, color });
        const message = messageOf([paragraph(text, code(text))]);
        const key = 'k'.repeat(22);
        const payload = adapter.format(message, key, text, [{ kind: 'user', id: text }]);
        await adapter.send({ room: text, key, payload }, new AbortController().signal);
        expect(obeyedIn(withoutColors(said))).toBeNull();
      }),
    );
  });
});
