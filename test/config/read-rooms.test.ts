// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${NAME}` is what a configuration says

import { describe, expect, it } from 'vitest';
import { platforms } from '../../src/adapters/platforms.ts';
import { parseAddress } from '../../src/config/address.ts';
import { weekdays } from '../../src/time/quiet-hours.ts';
import { read } from './config-files.ts';

const copyId = expect.stringContaining('Copy Channel ID');
const anyExample = 'write "discord:123456789012345678", "matrix:#alias:example.org" or "console:name"';

describe('an address', () => {
  it.each([
    ['discord:123456789012345678', 'discord:123456789012345678'],
    ['matrix:#charcoal:example.org', 'matrix:#charcoal:example.org'],
    ['matrix:#charcoal:Example.ORG:8448', 'matrix:#charcoal:example.org:8448'],
    ['matrix:!AbC:example.org', 'matrix:!AbC:example.org'],
    ['matrix:!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM', 'matrix:!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM'],
    ['matrix:#ünï:[::1]:80', 'matrix:#ünï:[::1]:80'],
    [' console:smoke ', 'console:smoke'],
  ])('%s is one', (written, address) => {
    expect(parseAddress(written, platforms)).toMatchObject({ outcome: 'address', address });
  });

  it.each([
    ['#charcoal:example.org', 'write "matrix:#charcoal:example.org"'],
    ['!abc', 'write "matrix:!abc"'],
    ['matrix:https://matrix.to/#/%23charcoal:example.org?via=x', 'write "matrix:#charcoal:example.org"'],
    ['matrix:#charcoal', 'write "matrix:#charcoal:example.org"'],
    ['matrix:@bot:example.org', 'write the address of a room, "matrix:!id:example.org"'],
    ['@bot:example.org', 'write the address of a room, "matrix:!id:example.org"'],
    ['matrx:#a:b', 'did you mean "matrix:#a:b"?'],
    ['console', 'write "console:name"'],
    ['console:', 'write "console:" and a name of letters, digits, - and _'],
    ['123456789012345678', 'write "discord:123456789012345678"'],
    ['discord', 'write "discord:123456789012345678"'],
    [
      'discord:https://discord.com/channels/111111111111111111/222222222222222222',
      'write "discord:222222222222222222"',
    ],
    ['https://canary.discord.com/channels/@me/222222222222222222/3', 'write "discord:222222222222222222"'],
    ['discord:<#222222222222222222>', 'write "discord:222222222222222222"'],
    ['discord:12345', copyId],
    ['discord:99999999999999999999', copyId],
    ['discord:#general', copyId],
    ['https://discord.com/api/webhooks/222222222222222222/sEcReT', copyId],
    ['https://matrix.to/#/%23charcoal:example.org?via=x', 'write "matrix:#charcoal:example.org"'],
    ['matrix:charcoal', 'write "matrix:#alias:example.org" or "matrix:!id:example.org"'],
    ['matrix:#a b:example.org', 'write "matrix:#alias:example.org" or "matrix:!id:example.org"'],
    [`matrix:#${'a'.repeat(300)}:example.org`, 'copy it again from the room'],
    ['', anyExample],
  ])('%s is none', (written, right) => {
    expect(parseAddress(written, platforms)).toMatchObject({ outcome: 'problem', right });
  });
});

const rooms = (lines: string) =>
  `source: { url: demo }\nstore: memory\nsubscriptions: [{ events: posts, rooms: "console:x" }]\nrooms:\n${lines}`;

describe('rooms', () => {
  it('of a chat that is not set up are refused, with what to add', () => {
    expect(read(rooms('  a: "discord:123456789012345678"\n')).said).toEqual([
      '5:7: "discord:123456789012345678" is a room of Discord, which is not set up: add "chats: { discord: { token: "${DISCORD_TOKEN}" } }"',
    ]);
  });

  it('do not show the URL of a webhook, which is as good as a password', () => {
    const { said } = read(rooms('  a: "https://discord.com/api/webhooks/222222222222222222/sEcReT"\n'));
    expect(said).toEqual([expect.stringMatching(/^5:7: this is the URL of a webhook; Lookout speaks as a bot: /)]);
    expect(said.join()).not.toContain('sEcReT');
  });

  const quietOpen = {
    waves: { digestAbove: 60 },
    quiet: [],
    masksOffensive: false,
    commands: { users: [], roles: [], power: null },
  };

  it('hide the titles of offensive posts if they say so, which needs an API', () => {
    const text =
      'rooms: { a: { to: console:a, mask_offensive: true }, b: console:b }\nsubscriptions: [{ events: posts, rooms: [a, b] }]\n';
    const masks = ({ config }: ReturnType<typeof read>) => config?.rooms.map(({ masksOffensive }) => masksOffensive);
    const without = read(`source: { url: demo }\n${text}`);
    expect(masks(without)).toEqual([true, false]);
    expect(without.said).toEqual([
      expect.stringMatching(/^2:46: warning: mask_offensive needs source.api, .*: add "api:" to "source:"$/),
    ]);
    const api = read(`source: { url: "wss://a.test/cable", key: "\${K}", api: "https://a.test" }\n${text}`, {
      environment: { K: 'k' },
    });
    expect([masks(api), api.said]).toEqual([[true, false], []]);
    expect(read(text.replace('true', 'maybe')).said.join()).toContain('mask_offensive');
  });

  it('have a name, an address and a time zone', () => {
    const { config, said } = read(rooms('  a: console:a\n  b: { to: console:b, timezone: Europe/Berlin }\n'));
    expect(said).toEqual([]);
    expect(config?.rooms).toEqual([
      { name: 'a', address: 'console:a', platform: 'console', account: 'console', timeZone: 'UTC', ...quietOpen },
      {
        name: 'b',
        address: 'console:b',
        platform: 'console',
        account: 'console',
        timeZone: 'Europe/Berlin',
        ...quietOpen,
      },
      {
        name: 'console:x',
        address: 'console:x',
        platform: 'console',
        account: 'console',
        timeZone: 'UTC',
        ...quietOpen,
      },
    ]);
  });

  it('may not share an address under two names, however it is written', () => {
    const chats = 'chats: { matrix: { homeserver: "https://a.b", token: "${T}" } }\n';
    const { said } = read(rooms('  a: "matrix:#x:a.b"\n  b: { to: "matrix:#x:A.b" }\n') + chats, {
      environment: { T: 't' },
    });
    expect(said).toEqual(['6:13: matrix:#x:a.b is already the room "a" (line 5): give a room one name']);
  });

  it('need their chat to be set up', () => {
    expect(read(rooms('  a: "matrix:#x:a.b"\n')).said).toEqual([
      '5:7: "matrix:#x:a.b" is a room of Matrix, which is not set up: ' +
        'add "chats: { matrix: { homeserver: https://…, token: "${MATRIX_TOKEN}" } }"',
    ]);
  });

  it('have names that cannot be taken for addresses or variables', () => {
    expect(
      read(rooms('  "${NAME}": console:a\n  "a:b": console:b\n  12: console:c\n'), { environment: { NAME: 'x' } }).said,
    ).toEqual([
      '5:3: "${NAME}" is not a name for a room: up to 64 letters, digits, ., - and _; variables are replaced in values only',
      '6:3: "a:b" is not a name for a room: up to 64 letters, digits, ., - and _',
    ]);
  });

  it('have a time zone of the IANA database', () => {
    expect(
      read(rooms('  a: { to: console:a, timezone: Europe/Berln }\n  b: { to: console:b, timezone: "+02:00" }\n')).said,
    ).toEqual([
      '5:33: "Europe/Berln" is not a time zone: did you mean Europe/Berlin?',
      '6:34: "+02:00" is not a time zone: write an IANA name: Europe/Berlin, UTC',
    ]);
  });

  it('may have quiet hours, and people who may change them', () => {
    const { config, said } = read(
      rooms(
        '  a: { to: "discord:123456789012345678", quiet: ["22:00-07:00", "12:30-13:00", "20:00-24:00"], commands: { users: "123456789012345670", roles: "123456789012345679" } }\n' +
          '  b: { to: "matrix:#a:b.org", commands: { users: "@a:b.org", power: 75 } }\n',
      ) +
        'chats: { discord: { token: "${T}", api: "https://c.d" }, matrix: { homeserver: "https://a.b", token: "${T}" } }\n',
      { environment: { T: 't' } },
    );
    expect(said).toEqual([]);
    expect(config?.rooms.slice(0, 2)).toMatchObject([
      {
        quiet: [
          { fromMinute: 1320, toMinute: 420, days: weekdays, timeZone: 'UTC', events: null, except: null },
          { fromMinute: 750, toMinute: 780 },
          { fromMinute: 1200, toMinute: 1440 },
        ],
        commands: { users: ['123456789012345670'], roles: ['123456789012345679'], power: null },
      },
      { commands: { users: ['@a:b.org'], roles: [], power: 75 } },
    ]);
  });

  it('may have quiet hours of weekdays, of a zone and of some events', () => {
    const { config, said } = read(
      rooms(
        '  a: { to: console:a, timezone: Europe/Berlin, quiet: [{ at: 22:00-07:00, days: sun-thu, except: posts#autoflagged_false_positive }, "12:00-13:00"] }\n' +
          '  b: { to: console:b, quiet: { at: [01:00-02:00, 03:00-04:00], days: [sat, mon], timezone: Europe/Paris, events: feedbacks } }\n',
      ),
    );
    expect(said).toEqual([]);
    const berlin = { timeZone: 'Europe/Berlin', events: null };
    const paris = { days: ['mon', 'sat'], timeZone: 'Europe/Paris', events: 'feedbacks#create,update', except: null };
    expect(config?.rooms[0]?.quiet).toEqual([
      {
        ...berlin,
        ...{ fromMinute: 1320, toMinute: 420, except: 'posts#autoflagged_false_positive' },
        days: ['mon', 'tue', 'wed', 'thu', 'sun'],
      },
      { ...berlin, fromMinute: 720, toMinute: 780, except: null, days: weekdays },
    ]);
    expect(config?.rooms[1]?.quiet).toEqual([
      { ...paris, fromMinute: 60, toMinute: 120 },
      { ...paris, fromMinute: 180, toMinute: 240 },
    ]);
  });

  it('say where a part of their quiet hours is wrong', () => {
    const { said } = read(
      rooms(
        '  a: { to: console:a, quiet: [{ at: 22:00-07:00, days: "mon, tusday", events: post, except: posts#creat }] }\n',
      ),
    );
    expect(said).toEqual([
      '5:62: "tusday" is not a weekday: did you mean tuesday?',
      '5:79: unknown model "post": did you mean posts?',
      '5:99: unknown type "creat": did you mean posts#create?',
    ]);
  });

  it.each([
    ['quiet: { days: mon }', ': "at" is missing: add "at: "22:00-07:00""'],
    ['quiet: [{ at: 22:00-07:00, day: mon }]', ': unknown key "day": did you mean "days"?'],
    ['quiet: { at: 22:00-07:00, exept: posts }', ': unknown key "exept": did you mean "except"?'],
    ['quiet: { at: 22:00-07:00, days: weekdays }', ': "weekdays" is not a weekday: write days as mon-fri, or sat,sun'],
    ['quiet: { at: 22:00-07:00, days: mon-wed-fri }', ': "mon-wed-fri" is not a range of weekdays: '],
    ['quiet: { at: 22:00-07:00, days: [] }', ': "days" is empty: name one, or remove the key'],
    ['quiet: { at: 22:00-07:00, timezone: Berlin }', ': "Berlin" is not a time zone: did you mean Europe/Berlin?'],
    ['quiet: 22', ': "quiet" is a number: put it in quotes'],
    ['quiet: [22:00-07:00, [mon]]', ': an item of "quiet" is a list: '],
    ['quiet: "22-7"', ': "22-7" is not a stretch of a day: write two times of a day: "22:00-07:00"'],
    ['quiet: "12:00-13:00, 22:00-07:00"', ' is not a stretch of a day: write a list: ["12:00-13:00", "22:00-07:00"]'],
    ['quiet: "25:00-07:00"', ': 25:00 is not a time of day: write hours and minutes, from 00:00 to 24:00'],
    ['quiet: "07:00-07:00"', ': "07:00-07:00" ends when it begins: '],
    ['quiet: "00:00-24:00"', ': "00:00-24:00" is the whole day: '],
    [
      'commands: { users: me }',
      ': "me" is not a person: write the id of a Discord user in quotes, or "@you:example.org"',
    ],
    ['commands: { roles: admins }', ': "admins" is not a Discord role: write its id in quotes: '],
    ['commands: { roles: "<@&123456789012345678>" }', ' is not a Discord role: write "123456789012345678"'],
    ['commands: { power: 5000 }', ': 5000 is out of bounds: write a number from -100 to 1000'],
    ['commands: { users: "@a:b.org" }', ': warning: no person has such an id in a room of the console: remove it: '],
    [
      'commands: { power: 50 }',
      ': warning: there is no power in a room of the console: remove "power", which is of Matrix',
    ],
    [
      'commands: { roles: "123456789012345678" }',
      ': warning: there are no roles in a room of the console: remove "roles"',
    ],
  ])('say what is wrong in %s', (line, message) => {
    const { said } = read(rooms(`  a: { to: console:a, ${line} }\n`));
    expect(said).toContainEqual(expect.stringContaining(message));
  });
});
