import { expect, it } from 'vitest';
import { platforms } from '../../src/adapters/platforms.ts';
import { extensions } from '../../src/command-line/extensions.ts';
import { silentLog } from '../../src/log.ts';
import { drawTemplate } from '../../src/trial/draw-template.ts';
import { configOf, event, noon } from './trial-rig.ts';

const config = () =>
  configOf('rooms: { smoke: console:smoke }\nsubscriptions: []', {
    'my-templates/mine.hbs': '{{object.title}} in {{room.name}}',
    'my-templates/endless.hbs':
      '{{#each object.list}}{{#each ../object.list}}{{#each ../../object.list}}x{{/each}}{{/each}}{{/each}}',
  });
const report = event(0, 'create', 'Post', {
  id: 1,
  title: 'Buy *pills*',
  link: '//superuser.com/q/1',
  list: Array(200).fill('x'),
});
const vote = event(9, 'create', 'Feedback', { id: 2, post_id: 1, feedback_type: 'tp-', user_name: 'Ann' });

async function drawn(template: string, events: readonly { readonly after: number; readonly message: object }[]) {
  const room = {
    id: null,
    resolved: '',
    name: 'smoke',
    address: 'console:smoke',
    platform: 'console',
    timeZone: 'UTC',
    account: 'console',
    masksOffensive: false,
    wallAheadMs: 0,
    direct: false,
  };
  const messages = events.map(({ after, message }, index) => ({
    line: index + 1,
    at: noon + after * 1_000,
    message,
    doubt: null,
  }));
  const options = { ...extensions, config: config(), version: 'test', log: silentLog, wanted: null, now: noon };
  const found = await drawTemplate({ ...options, template, room, messages });
  if (found === null) throw new Error('nothing was drawn');
  return found;
}

async function textOn(platform: string, template: string, ...events: Parameters<typeof drawn>[1]) {
  const { rendered } = await drawn(template, events);
  const draw = platforms.find(({ name }) => name === platform)!.sketch!;
  return draw(rendered.message, { room: 'smoke', columns: 80, mentions: [], at: noon });
}

it('a template is drawn with the last event, which knows those before it', async () => {
  const { event: last, rendered } = await drawn('card', [report, vote]);
  expect(last).toMatchObject({ model: 'feedbacks', subject: 'post:1' });
  expect(JSON.stringify(rendered.message)).toContain('Ann');
});

it.each([
  ['console', /^.*smoke.*\n.*Buy \*pills\* in smoke/s],
  ['discord', /Buy \\\*pills\\\* in smoke/],
  ['matrix', /Buy \*pills\* in smoke/],
])('a message is drawn for %s as text', async (platform, shown) => {
  expect((await textOn(platform, 'mine', report)).text).toMatch(shown);
});

it.each([
  ['console', '<section class="terminal">'],
  ['discord', '<section class="discord alone"'],
  ['matrix', '<section class="matrix alone"'],
])('a message is drawn for %s as a page', async (platform, section) => {
  const html = await (await textOn(platform, 'mine', report)).html();
  expect(html).toContain(section);
  expect(html).toContain('Buy *pills* in smoke');
});

it('the payload is the body of the request', async () => {
  const { payload } = await textOn('discord', 'mine', report);
  expect(JSON.parse(payload)).toMatchObject({ embeds: [{ description: expect.stringContaining('pills') }] });
});

it('a template that fails says so', async () => {
  const { rendered } = await drawn('endless', [report]);
  expect(rendered.failure?.message).toMatch(/its loops repeat more than/);
});
