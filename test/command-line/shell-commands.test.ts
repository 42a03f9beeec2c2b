import { userInfo } from 'node:os';
import { beforeEach, describe, expect, it } from 'vitest';
import { endMutesCommand, listMutesCommand, muteCommand } from '../../src/command-line/mutes-command.ts';
import { statusCommand } from '../../src/command-line/status-command.ts';
import { createTerminal, type Terminal } from '../../src/command-line/terminal.ts';
import { listAudit } from '../../src/commands/audit.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

const config = `rooms:
  hq: { to: "matrix:!hq:a.org", timezone: Europe/Berlin }
  smoke: "matrix:!smoke:a.org"
subscriptions:
  - { events: posts#create, rooms: [hq, smoke] }
`;
const by = `shell:${userInfo().username}`;

let app: TestApp;
beforeEach(async () => {
  app = await createTestApp({ config, store: 'file' });
});

const named = () => ({
  file: 'config.yaml',
  clock: app.clock,
  store: { kind: 'sqlite', file: app.file, keepMs: 1 } as const,
});

/** Runs a command, and returns its exit code with all that it printed. */
async function said(command: (terminal: Terminal) => Promise<unknown>): Promise<string> {
  let text = '';
  const known = { errIsTerminal: false, outIsTerminal: false, errColor: false, outColor: false, outColumns: 80 };
  const write = (some: string) => {
    text += some;
  };
  const code = await command(createTerminal({ ...known, writeOut: write, writeErr: write }));
  return `${code} ${text}`;
}
const list = (room: string | null = null) =>
  said((terminal) => listMutesCommand(named(), { room, json: false }, terminal));
const mute = (room: string, line: string) => said((terminal) => muteCommand(named(), { room }, line, terminal));
const end = (mutes: readonly string[], room: string | null = null) =>
  said((terminal) => endMutesCommand(named(), { mutes, room }, terminal));

describe('a mute from the shell', () => {
  it('is made, listed and ended as in the room, and its audit names the user of the shell', async () => {
    expect(await mute('hq', 'mute posts for 2h --reason "a wave"')).toMatch(
      /^0 Muted posts#create,update until .* Europe\/Berlin \(a wave\)\. .*`lookout mutes end m1` ends it early\.\n$/,
    );
    expect(await list()).toMatch(/^0 m1 {2}hq \(matrix:!hq:a\.org\) {2}posts#create,update {2}until .* a wave\n$/);
    expect(await end(['1'])).toMatch(/^0 No longer muted: posts#create,update\.[^`]*`lookout mutes add hq posts/);
    expect(await list('hq')).toBe('0 hq: nothing is muted\n');
    const audit = await listAudit(app.db, 9, null);
    expect(audit.map(({ address, author, what }) => [address, author, what.replace(/until.*/, '…')])).toEqual([
      ['matrix:!hq:a.org', by, 'muted posts#create,update …'],
      ['matrix:!hq:a.org', by, 'ended m1'],
    ]);
  });

  it('stops the events of its room', async () => {
    await mute('matrix:!smoke:a.org', 'mute');
    await app.hear({ event_type: 'create', event_class: 'Post', object: { id: 1, title: 'Buy pills' } });
    await app.listenUntil(() => app.platform.shown('!hq:a.org').length > 0);
    expect(app.platform.shown('!smoke:a.org')).toEqual([]);
  });

  it('is refused with what would be right', async () => {
    expect(await mute('smok', 'mute')).toBe('1 there is no room "smok": did you mean smoke? The rooms are hq, smoke\n');
    expect(await mute('hq', 'mute pots')).toBe('1 There are no events "pots": did you mean posts?\n');
    expect(await end(['m9'])).toBe('1 m9: no such mute holds: nothing is muted\n');
    expect(await end(['all'])).toMatch(/^2 name the room/);
    expect(await end(['all'], 'hq')).toBe('1 Nothing is muted here.\n');
  });

  it('is not limited in number, as those of a person in a room are', async () => {
    const answers = [];
    for (let count = 0; count < 11; count++)
      answers.push(await mute('hq', `mute posts --where "object.id == ${count}"`));
    expect(answers.filter((answer) => answer.startsWith('0 '))).toHaveLength(11);
  });

  it('can be listed while nothing runs, and says so if it cannot be made', async () => {
    await mute('hq', 'mute');
    await app.stop();
    expect(await list()).toContain('m1  hq');
    expect(await mute('hq', 'mute')).toMatch(/^1 no Lookout runs on this store: /);
  });
});

describe('status from the shell', () => {
  const status = (room: string | null, json = false) =>
    said((terminal) => statusCommand(named(), { room, json }, terminal));

  it('tells Lookout as a whole, then each room', async () => {
    await mute('hq', 'mute for 2h');
    const text = await status(null);
    expect(text).toMatch(/^0 Source: metasmoke, subscribed\nLast event: none since the start\nVersion: test\n/);
    expect(text).toMatch(
      /\nhq \(matrix:!hq:a\.org\)\n {2}Waiting for this room: 0\n {2}Muted: m1 the whole room until /,
    );
    expect(text).toContain('`lookout mutes end m1` ends it\n');
    expect(text).toMatch(/\nsmoke \(matrix:!smoke:a\.org\)\n {2}Waiting for this room: 0\n {2}Muted: nothing\n$/);
  });

  it('tells one room, by its name or address', async () => {
    for (const room of ['smoke', 'matrix:!smoke:a.org']) {
      const text = await status(room);
      expect(text).toContain('smoke (matrix');
      expect(text).not.toContain('hq');
    }
    expect(await status('smok')).toMatch(/^1 there is no room "smok": did you mean smoke\?/);
  });

  it('is one JSON document for programs', async () => {
    const text = await status('hq', true);
    expect(JSON.parse(text.slice(2))).toMatchObject({
      version: 'test',
      rooms: [{ name: 'hq', waiting: 0, mutes: [] }],
    });
  });
});
