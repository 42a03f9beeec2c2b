import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEventSpec } from '../../src/catalogue/event-spec.ts';
import { head, read } from './config-files.ts';

const subscriptions = (lines: string) => `${head}subscriptions:\n${lines}`;

describe('events', () => {
  it('are the filter text of the API, each model and type once', () => {
    const { config, said } = read(subscriptions('  - { events: posts; flag_logs#create;posts#destroy, rooms: hq }\n'));
    expect(said).toEqual([]);
    expect(formatEventSpec(config!.subscriptions[0]!.events)).toBe('flag_logs#create;posts#create,update,destroy');
  });

  it('that metasmoke does not have are refused with the nearest it has, at their place', () => {
    const { said } = read(subscriptions('  - events: "post#create;flag_logs#creat"\n    rooms: hq\n'));
    expect(said).toEqual([
      '6:14: unknown model "post": did you mean posts#create?',
      '6:36: unknown type "creat": did you mean flag_logs#create?',
    ]);
  });

  it('of other servers are known when source.models names them', () => {
    const text = subscriptions('  - { events: widgets, rooms: hq, where: object.anything == 1 }\n');
    expect(read(text).said).toHaveLength(1);
    expect(read(text.replace('url: demo', 'url: demo, models: [widgets]')).said).toEqual([]);
  });

  it('as a list say how to write them', () => {
    const { said } = read(subscriptions('  - events: [posts#create, flag_logs]\n    rooms: hq\n'));
    expect(said).toEqual(['6:13: "events" is a list: write one text, models separated by ";": posts#create;flag_logs']);
  });

  it('of smoke_detectors without a type bring a warning, with them none', () => {
    const { config, said } = read(subscriptions("  - events: 'posts; smoke_detectors'\n    rooms: hq\n"));
    expect(config).not.toBeNull();
    expect(said).toEqual([
      '6:21: warning: smoke_detectors without a type matches each ping, an update every minute of every detector: ' +
        'write smoke_detectors#create, or smoke_detectors#create,update if that is wanted',
    ]);
    expect(read(subscriptions('  - { events: "smoke_detectors#create,update", rooms: hq }\n')).said).toEqual([]);
  });

  it('may be none at all, which brings a warning', () => {
    const { config, said } = read(head);
    expect(config?.subscriptions).toEqual([]);
    expect(said).toEqual([
      '1:1: warning: there are no subscriptions, so no event is sent to any room: add "subscriptions:" with events and rooms',
    ]);
  });
});

describe('a condition', () => {
  const seed = Date.now() % 1_000_000_007;
  const words = fc.array(
    fc.constantFrom('object.is_tp', '(object.score_x == 1)', "object.title == 'é😀'", 'object.link != "a\\\\b"'),
    { maxLength: 4 },
  );
  const style = fc.constantFrom(
    'plain',
    'single',
    'double',
    'escaped',
    'literal',
    'folded',
    'broken plain',
    'broken double',
  );

  function write(expression: string, how: string): string {
    const double = () => expression.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
    switch (how) {
      case 'single':
        return `'${expression.replaceAll("'", "''")}'`;
      case 'double':
        return `"${double()}"`;
      case 'escaped':
        return `"${double().replaceAll('é', '\\xE9').replaceAll('😀', '\\U0001F600').replaceAll('&', '\\x26')}"`;
      case 'literal':
        return `|\n      ${expression.replaceAll(' && ', '\n      && ')}`;
      case 'folded':
        return `>-\n      ${expression.replaceAll(' && ', ' &&\n      ')}`;
      case 'broken plain':
        return expression.replaceAll(' && ', '\n      && ');
      case 'broken double':
        return `"${double().replaceAll(' && ', ' \\\n      && ')}"`;
      default:
        return expression;
    }
  }

  it(`that names no field points at it, however the condition is written (seed ${seed})`, () => {
    fc.assert(
      fc.property(words, words, style, fc.constantFrom('\n', '\r\n'), (before, after, how, newline) => {
        const known = (list: readonly string[]) =>
          list.map((word) => word.replace('score_x', 'id').replace('is_tp', 'is_tp'));
        const expression = ['object.id > 0', ...known(before), 'object.titel == ""', ...known(after)].join(' && ');
        const text = subscriptions(
          `  - events: posts\n    rooms: hq\n    where: ${write(expression, how)}\n`,
        ).replaceAll('\n', newline);
        const lines = text.split(newline);
        const line = lines.findIndex((one) => one.includes('titel'));
        const { said } = read(text);
        expect(said, text).toEqual([
          `${line + 1}:${lines[line]!.indexOf('titel') + 1}: unknown field "titel" of posts: did you mean title?`,
        ]);
      }),
      { seed, numRuns: 60 },
    );
  });

  it('is checked against the fields of all models that the subscription names', () => {
    const text = (events: string) => subscriptions(`  - events: ${events}\n    rooms: hq\n    where: object.is_auto\n`);
    expect(read(text('flag_logs;posts')).config).not.toBeNull();
    expect(read(text('posts')).config).toBeNull();
  });

  it('on a field that some of the models lack brings a warning, unless it asks for the model', () => {
    const text = (where: string) => subscriptions(`  - events: flag_logs;posts\n    rooms: hq\n    where: ${where}\n`);
    expect(read(text('object.is_auto')).said).toEqual([
      '8:19: warning: posts has no field "is_auto", so that all of them pass: give them a subscription of their own, or test event.model, too',
    ]);
    expect(read(text('event.model != "flag_logs" || object.is_auto')).said).toEqual([]);
    expect(read(text('object.id > 5')).said).toEqual([]);
  });

  it('may ask about the post of an event, if an event leads to one', () => {
    const text = (events: string, where: string) =>
      subscriptions(`  - events: ${events}\n    rooms: hq\n    where: ${where}\n`);
    expect(read(text('feedbacks#create', 'subject.fp > 1 && object.feedback_type == "fp-"')).said).toEqual([]);
    expect(read(text('sites', 'subject.fp > 1')).said).toEqual([
      '8:12: no event of sites leads to a post, so that subject is unknown: ask about object alone',
    ]);
    expect(read(text('sites;feedbacks', 'subject.fp > 1')).said).toEqual([
      '8:12: warning: no event of sites leads to a post, so that subject is unknown and all of them pass: give them a subscription of their own, or test event.model, too',
    ]);
    expect(read(text('feedbacks', 'subject.weight > 200')).said).toEqual([
      '8:20: warning: subject.weight comes from the API, which is not configured, and stays unknown: add source.api, or leave it out',
    ]);
  });

  it('is checked as far as can be where the events are wrong', () => {
    const { said } = read(subscriptions('  - events: postz\n    rooms: hq\n    where: object.title == &&\n'));
    expect(said.map((line) => line.slice(0, 5))).toEqual(['6:13:', '8:28:']);
  });

  it('that is empty is an error, not "always"', () => {
    const { config, said } = read(subscriptions('  - events: posts\n    rooms: hq\n    where:\n'));
    expect(config).toBeNull();
    expect(said).toEqual(['8:5: "where" is empty: give it a value, or remove the key']);
    expect(read(subscriptions('  - { events: posts, rooms: hq, where: " " }\n')).config).toBeNull();
  });
});

describe('rooms of a subscription', () => {
  it('are names or addresses, one or a list, each once', () => {
    const { config, said } = read(subscriptions('  - { events: posts, rooms: [hq, "console:other", "console:hq"] }\n'));
    expect(said).toEqual([]);
    expect(config?.subscriptions[0]?.rooms).toEqual(['console:hq', 'console:other']);
    expect(config?.rooms.map(({ name }) => name)).toEqual(['hq', 'console:other']);
  });

  it('that are not there are refused with the nearest that is', () => {
    expect(read(subscriptions('  - { events: posts, rooms: [hqq, elsewhere] }\n')).said).toEqual([
      '6:30: unknown room "hqq": did you mean "hq"?',
      '6:35: unknown room "elsewhere": rooms are hq',
    ]);
  });

  it('that are there and wrong are reported where they stand, not where they are named', () => {
    const text = subscriptions('  - { events: posts, rooms: hq }\n').replace('console:hq', 'consol:hq');
    expect(read(text).said).toEqual(['4:7: "consol" is not a chat that is known: did you mean "console:hq"?']);
  });

  it('are needed', () => {
    expect(read(subscriptions('  - { events: posts }\n  - { events: flags, rooms: [] }\n')).said).toEqual([
      '6:5: "rooms" is missing: say where they go, for example "rooms: [hq]"',
      '7:29: "rooms" names no room: name one, or remove the subscription',
    ]);
  });
});

describe('the id of a subscription', () => {
  const idsOf = (lines: string) => read(subscriptions(lines)).config!.subscriptions.map(({ id }) => id);

  it('stays the same however the same is written', () => {
    const [first] = idsOf('  - { events: posts;flags#create, rooms: [hq, "console:b"], where: object.id > 1 }\n');
    const [second] = idsOf(
      '  - where: "object.id > 1"\n    rooms: ["console:b", "console:hq"]\n    events: flags#create;posts#update,create\n',
    );
    expect(first).toMatch(/^[0-9a-f]{12}$/);
    expect(second).toBe(first);
  });

  it('differs where anything differs that it is made from', () => {
    const ids = idsOf(
      [
        '{ events: posts, rooms: hq }',
        '{ events: posts#create, rooms: hq }',
        '{ events: posts, rooms: "console:b" }',
        '{ events: posts, rooms: hq, template: post }',
        '{ events: posts, rooms: hq, where: object.id > 1 }',
      ]
        .map((line) => `  - ${line}\n`)
        .join(''),
    );
    expect(new Set(ids).size).toBe(5);
  });

  it('can be given, once', () => {
    expect(idsOf('  - { events: posts, rooms: hq, id: mine }\n')).toEqual(['mine']);
    const { said } = read(
      subscriptions('  - { events: posts, rooms: hq, id: mine }\n  - { events: flags, rooms: hq, id: mine }\n'),
    );
    expect(said).toEqual(['7:37: the id "mine" is taken (line 6): give each subscription its own']);
    expect(read(subscriptions('  - { events: posts, rooms: hq, id: "a b" }\n')).said[0]).toMatch(
      /^6:38: "a b" is not an id: /,
    );
  });

  it('is not shared by two that say the same', () => {
    const { said } = read(
      subscriptions('  - { events: posts, rooms: hq }\n  - { events: "posts#create,update", rooms: [hq] }\n'),
    );
    expect(said).toEqual(['7:5: this subscription says the same as the one on line 6: remove one of them']);
  });
});

describe('templates', () => {
  const withTemplate = (name: string, files: Readonly<Record<string, string>> = {}, events = 'posts#create') =>
    read(subscriptions(`  - { events: "${events}", rooms: hq, template: ${name} }\n`), { files });

  it('that are not there are refused with the nearest that is', () => {
    expect(withTemplate('pots').said).toEqual(['6:52: unknown template "pots": did you mean "post"?']);
    expect(withTemplate('post.hbs').said).toEqual(['6:52: unknown template "post.hbs": did you mean "post"?']);
    expect(withTemplate('../../etc/passwd').said[0]).toMatch(/^6:52: unknown template ".*": templates are .*post/);
  });

  it('beside the configuration count before those that ship', () => {
    const { config, said } = withTemplate('post', { 'my-templates/post.hbs': 'mine' });
    expect(said).toEqual([]);
    expect(config?.templates.get('post')?.file).toContain('lookout-config-');
    expect(config?.templates.get('feedback')?.file).not.toContain('lookout-config-');
  });

  it('in the folder where they were before still count, with the place to move them to', () => {
    const { config, said } = withTemplate('mine', { 'templates/mine.hbs': 'mine' });
    expect(config?.templates.get('mine')?.text).toBe('mine');
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(
      /^templates\/mine\.hbs:1:1: warning: the folder of your own templates has another name now: move it to .*\/my-templates\/mine\.hbs$/,
    );
    const both = withTemplate('mine', { 'templates/mine.hbs': 'former', 'my-templates/mine.hbs': 'own' });
    expect([both.config?.templates.get('mine')?.text, both.said]).toEqual(['own', []]);
  });

  it('that do not compile are shown at their own place, and not as unknown', () => {
    const { config, said } = withTemplate('mine', { 'my-templates/mine.hbs': 'fine\n  {{#if object.id}}\n' });
    expect(config).toBeNull();
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^my-templates\/mine\.hbs:2:\d+: /);
  });

  it('bring a warning for fields that no model has whose events they show', () => {
    const files = { 'my-templates/mine.hbs': '{{object.title}}\n{{object.is_auto}} {{object.titel}}\n' };
    expect(withTemplate('mine', files).said).toEqual([
      'my-templates/mine.hbs:2:10: warning: posts have no field "is_auto": did you mean is_tp?',
      'my-templates/mine.hbs:2:29: warning: posts have no field "titel": did you mean title?',
    ]);
    expect(withTemplate('mine', files, 'posts;flag_logs').said.map((line) => line.split(': ')[2])).toEqual([
      'flag_logs, posts have no field "titel"',
    ]);
    expect(withTemplate('mine', files, 'posts;ref').said).toEqual([]);
  });

  it('bring a warning for what only a card has, where none is asked for', () => {
    const files = { 'my-templates/mine.hbs': '{{object.title}}\n{{card.state}} {{post.title}}\n' };
    expect(withTemplate('mine', files).said).toEqual([
      'my-templates/mine.hbs:2:3: warning: only a card knows "card.state", and a subscription without "card: true" shows this template: add "card: true" to it, or write object.<column>',
    ]);
    const asks = { 'my-templates/mine.hbs': '{{#if card}}{{card.state}}{{/if}}\n' };
    expect(withTemplate('mine', asks).said).toEqual([]);
  });

  it('in the plural of a model, which no event would take, bring a warning', () => {
    const files = { 'my-templates/posts.hbs': '{{object.title}}' };
    expect(read(subscriptions('  - { events: posts, rooms: hq }\n'), { files }).said).toEqual([
      'my-templates/posts.hbs:1:1: warning: no subscription uses the template "posts": call it post.hbs to have it for all posts, or write "template: posts"',
    ]);
    expect(withTemplate('posts', files).said).toEqual([]);
  });

  it('that a model takes by itself are looked at too', () => {
    const { said } = read(subscriptions('  - { events: posts, rooms: hq }\n'), {
      files: { 'my-templates/post.hbs': '{{object.nope}}' },
    });
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^my-templates\/post\.hbs:1:10: warning: posts have no field "nope"/);
  });
});

describe('conditions together', () => {
  /** Its pattern has size 418 and up, another one for each number. */
  const large = (n: number) => `object.body.matches("(a[ab]{0,${100 + n}}){2}[0-9]$")`;
  const listed = (count: number, room: (n: number) => string, where: (n: number) => string = large) =>
    Array.from(
      { length: count },
      (_, n) => `  - { id: s${n}, events: posts#create, rooms: ${room(n)}, where: '${where(n)}' }\n`,
    );

  it('are refused where they are too many for a room, at the first one too many', () => {
    const { config, said } = read(subscriptions(listed(6, () => 'hq').join('')));
    expect(config).toBeNull();
    expect(said).toEqual([
      expect.stringMatching(
        /^11:56: the conditions on posts#create would have size \d+ together in \S+; the limit is 2500: use smaller patterns/,
      ),
    ]);
  });

  it('are refused where they are too many for one event in all rooms', () => {
    const { said } = read(subscriptions(listed(23, (n) => `"console:r${n}"`).join('')));
    expect(said).toEqual([expect.stringContaining('together in all rooms; the limit is 10000')]);
  });

  it('count once where they are equal, and not at all where they are about other events', () => {
    expect(
      read(
        subscriptions(
          listed(
            30,
            (n) => `"console:r${n}"`,
            () => large(1),
          ).join(''),
        ),
      ).said,
    ).toEqual([]);
    const some = listed(4, () => 'hq').join('');
    const others = some.replaceAll('posts#create', 'posts#update').replaceAll('id: s', 'id: t');
    expect(read(subscriptions(some + others)).said).toEqual([]);
  });

  it('of the usual size fit by the hundred', () => {
    const usual = (n: number) => `object.body.matches("(?i)spam ?word ?${n}") && object.user_reputation < 50`;
    expect(read(subscriptions(listed(80, () => 'hq', usual).join(''))).said).toEqual([]);
  });
});
