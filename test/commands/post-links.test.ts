import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toPlain } from '../../src/adapters/matrix/format/plain.ts';
import { type CommandsRig, createCommandsRig } from '../support/commands-rig.ts';
import { anEvent } from '../support/events.ts';

let rig: CommandsRig;
beforeEach(async () => {
  rig = await createCommandsRig({ room: 'console:a' });
});
afterEach(() => rig.stop());

async function say(text: string): Promise<string> {
  const answer = await rig.commands.run({
    key: null,
    platform: 'console',
    room: 'a',
    direct: false,
    asker: { id: 'console', roles: [], manages: true, power: null },
    said: { kind: 'line', text },
    answered: 'free',
    about: null,
  });
  const { title, body } = answer!.message;
  return toPlain([{ kind: 'paragraph', children: title ?? [] }, ...body]).replaceAll('`', '');
}

const report = (id: number, link: string) =>
  rig.outbox.deliver(anEvent({ id, object: { link, title: `Title ${id}` } }), ['console:a']);

describe('commands that take a post', () => {
  it.each([
    ['//stackoverflow.com/a/7', 'https://stackoverflow.com/a/7/1'],
    ['//stackoverflow.com/a/7', 'https://stackoverflow.com/questions/3/title/7#7'],
    ['//stackoverflow.com/questions/7', 'stackoverflow.com/q/7'],
    ['//stackoverflow.com/questions/7/the-title', 'stackoverflow.com/q/7'],
    ['//stackoverflow.com/q/7', '//m.erwaysoftware.com/posts/uid/stackoverflow/7'],
    ['https://stackoverflow.com/a/7', 'https://metasmoke.erwaysoftware.com/posts/by-url?url=//stackoverflow.com/a/7'],
  ])('find the one with the link %s by %s', async (link, written) => {
    await report(1, link);
    await report(2, '//stackoverflow.com/a/70');
    await report(3, '//superuser.com/a/7');
    expect(await say(`why ${written}`)).toMatch(/post:1(?!\d)/);
    expect(await say(`show <${written}>`)).toContain('Title 1');
    expect(await say(`preview post [it](${written})`)).toContain('Title 1');
  });

  it('take the newest report of a post', async () => {
    await report(9, '//stackoverflow.com/a/7');
    await report(10, '//stackoverflow.com/a/7');
    expect(await say('show stackoverflow.com/a/7')).toContain('Title 10');
  });

  it.each(['why', 'show', 'preview post'])('never call what they did not understand unknown: %s', async (command) => {
    expect(await say(`${command} https://example.org/a/7`)).toContain('"https://example.org/a/7" is not understood');
    expect(await say(`${command} psot:7`)).toContain(`is not understood: did you mean ${command} post:7?`);
    expect(await say(`${command} https://stackoverflow.com/users/7`)).toContain(
      'That is a page of stackoverflow.com that is not a post.',
    );
    const unknown = await say(`${command} https://stackoverflow.com/a/7`);
    expect(unknown).toContain('No report of answer 7 on stackoverflow.com is stored');
    expect(unknown?.includes('finds votes without a report')).toBe(command === 'why');
  });
});
