import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createConsoleAdapter } from '../../src/adapters/console/console-adapter.ts';
import { answerForm } from '../../src/adapters/discord/answer-form.ts';
import { sayOnDiscord } from '../../src/adapters/discord/say.ts';
import { format } from '../../src/adapters/matrix/format/format.ts';
import type { Inline } from '../../src/render/message.ts';
import { list, messageOf, paragraph, person, time, typed } from '../../src/render/say.ts';
import { sayWith, speak } from '../../src/render/speak.ts';
import { commandTable } from '../support/command-table.ts';
import { createTestClock } from '../support/test-clock.ts';

type Parts = readonly (string | Inline)[];

const at = Date.UTC(2026, 10, 24, 17, 0);
const said = (...parts: Parts) => messageOf([paragraph(...parts), list([parts])]);

const onDiscord = (...parts: Parts) =>
  answerForm({ message: messageOf([paragraph(...parts)]), private: false }, sayOnDiscord(commandTable(), 'top'));

const onMatrix = (...parts: Parts) =>
  JSON.parse(format(speak(said(...parts), sayWith('!')), 'k'.repeat(22))) as Record<string, unknown>;

function onConsole(...parts: Parts): string {
  const adapter = createConsoleAdapter({
    write: async () => {},
    color: false,
    input: null,
    clock: createTestClock(),
  });
  return stripVTControlCharacters(adapter.format(said(...parts), 'k'.repeat(22), 'a'));
}

describe('a command in a message', () => {
  it('carries the sign of its chat, and can be pasted there', () => {
    expect(onMatrix(typed('unmute m2')).body).toBe('`!unmute m2`\n- `!unmute m2`');
    expect(onConsole(typed('unmute m2'))).toContain('/unmute m2');
    expect(onDiscord(typed('unmute m2')).content).toBe('`/unmute mute:m2`');
    expect(onDiscord(typed('unmute')).content).toBe('`/unmute`');
    expect(onDiscord(typed('mute posts for 2h --reason a wave')).content).toBe(
      '`/mute events:posts time:for 2h reason:a wave`',
    );
  });

  it('stands behind the name of the group where the commands of Discord have one', () => {
    const form = answerForm(
      { message: messageOf([paragraph(typed('unmute m2'), ' or ', typed('help [command]'))]), private: false },
      sayOnDiscord(commandTable(), 'grouped'),
    );
    expect(form.content).toBe('`/lookout unmute mute:m2` or `/lookout help [command]`');
  });

  it('that is a usage only gets the sign', () => {
    expect(onDiscord(typed('help [command]')).content).toBe('`/help [command]`');
    expect(onMatrix(typed('help [command]')).body).toContain('`!help [command]`');
  });
});

describe('a person in a message', () => {
  it('is a mention without a ping on Discord, and a name elsewhere', () => {
    const id = '123456789012345678';
    expect(onDiscord('by ', person(id), '.')).toMatchObject({
      content: `by <@${id}>.`,
      allowed_mentions: { parse: [] },
    });
    const matrix = onMatrix('by ', person('@ada:a.test'));
    // Clients would make it a mention.
    expect(matrix).toMatchObject({ body: 'by `@ada:a.test`\n- by `@ada:a.test`', 'm.mentions': {} });
    expect(onConsole('by ', person('console'))).toContain('by console');
  });

  it('that is no id of Discord is shown as text there', () => {
    expect(onDiscord('by ', person('@everyone')).content).toBe('by \\@everyone');
  });
});

describe('a time in a message', () => {
  it('is shown by the clock of each reader on Discord, and as text elsewhere', () => {
    const text = '2026-11-24 18:00 Europe/Berlin';
    const seconds = at / 1_000;
    expect(onDiscord('until ', time(at, 'both', text)).content).toBe(`until <t:${seconds}:f> (<t:${seconds}:R>)`);
    expect(onDiscord(time(at, 'distance', '2m ago'), ', ', time(at, 'moment', text)).content).toBe(
      `<t:${seconds}:R>, <t:${seconds}:f>`,
    );
    expect(onMatrix('until ', time(at, 'both', text)).body).toContain(`until ${text}`);
    expect(onConsole('until ', time(at, 'both', text))).toContain(`until ${text}`);
  });
});
