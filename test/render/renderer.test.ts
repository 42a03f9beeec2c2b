import { describe, expect, it } from 'vitest';
import { links } from '../../src/metasmoke/links.ts';
import { createRenderer } from '../../src/render/renderer.ts';
import type { Event, EventObject } from '../../src/words.ts';
import { context, eventOf, fill, line, now, render, template, text, walk, written } from './support.ts';

const link = 'https://metasmoke.erwaysoftware.com/post/123';

describe('a rendered message', () => {
  it('has the parts that the template gives it', () => {
    const message = fill(
      `---
title: 'Post {{object.id}}'
url: '//stackoverflow.com/a/{{object.id}}'
color: '{{#if object.is_tp}}#FF0000{{else}}#00ff00{{/if}}'
image: 'https://cdn.sstatic.net/a.png'
fields:
  - { name: Site, value: '{{object.site_id}}', inline: true }
  - { name: Empty, value: '{{object.none}}' }
footer: '{{room.name}} on {{room.platform}}'
---
**{{object.title}}**

- a
- b
`,
      { id: 5, is_tp: true, title: 'Hello', site_id: 7 },
    );
    expect(message).toEqual({
      title: [{ kind: 'text', text: 'Post 5' }],
      url: 'https://stackoverflow.com/a/5',
      color: '#ff0000',
      image: 'https://cdn.sstatic.net/a.png',
      fields: [{ name: [{ kind: 'text', text: 'Site' }], value: [{ kind: 'text', text: '7' }], inline: true }],
      footer: [{ kind: 'text', text: 'smoke on console' }],
      body: [
        { kind: 'paragraph', children: [{ kind: 'strong', children: [{ kind: 'text', text: 'Hello' }] }] },
        {
          kind: 'list',
          ordered: false,
          items: ['a', 'b'].map((text) => [{ kind: 'paragraph', children: [{ kind: 'text', text }] }]),
        },
      ],
      link,
    });
  });

  it('links to metasmoke if the template has no address, and nowhere if its address is not allowed', () => {
    expect(fill('---\ntitle: a\n---\n', {})).toMatchObject({ url: link, link });
    expect(fill("---\ntitle: a\nurl: '{{object.link}}'\n---\n", { link: 'https://evil.example' })).toMatchObject({
      url: null,
      link,
    });
    expect(fill('a', {}, { subject: 'role:1', model: 'roles', rowId: '1' })).toMatchObject({
      url: null,
      link: null,
    });
  });

  it('has no empty parts', () => {
    const message = fill(
      "---\ntitle: '{{object.a}}'\ncolor: '{{object.a}}'\nfooter: ' {{object.a}} '\nimage: '{{object.a}}'\n---\n{{object.a}}",
      {},
    );
    expect(message).toMatchObject({ title: null, color: null, footer: null, image: null, body: [], fields: [] });
  });

  it('shows no untrusted image or link', () => {
    const evil = 'https://evil.example/a.png';
    const message = fill(
      "---\nimage: '{{object.x}}'\n---\n![b](https://cdn.sstatic.net/b.png) ![c]({{object.x}}) <{{object.x}}>",
      { x: evil },
    );
    expect(message.image).toBeNull();
    expect(written(message.body)).toEqual([`[b](https://cdn.sstatic.net/b.png) c (${evil}) <${evil}>`]);
  });

  it('trusts an origin in the template, but no user, other port or other scheme of it', () => {
    const show = (x: string) =>
      text('[a]({{object.x}}) https://wiki.example:8080', { x }).replace(' https://wiki.example:8080', '');
    expect(show('https://wiki.example:8080/b c')).toBe('[a](https://wiki.example:8080/b%20c)');
    for (const url of [
      'https://u@wiki.example:8080/',
      'https://:p@wiki.example:8080/',
      'https://wiki.example/',
      'http://wiki.example:8080/',
    ]) {
      expect(show(url)).toBe(`a (${url})`);
    }
  });

  it('joins the lines of a folded title, and blanks around an empty value', () => {
    expect(line(fill('---\ntitle: |\n  a\n  {{object.x}}\n  {{#if object.x}}b{{/if}}\n  c\n---\n', {}).title)).toBe(
      'a c',
    );
    expect(line(fill('---\ntitle: "{{object.x}}  d"\n---\n', { x: 'b  c' }).title)).toBe('b  c d');
    expect(line(fill('---\ntitle: "{{lines object.x}}"\n---\n', { x: 'a\nb' }).title)).toBe('a b');
  });

  it('keeps the lines of a body, and drops empty ones', () => {
    expect(text('a\n{{object.x}}\n{{#if object.x}}b{{/if}}\nc\n\n\n{{object.x}}\n\nd')).toBe('a\nc\nd');
    expect(text('{{#if (eq 1 1)}}\n    indented\n      more\n{{/if}}')).toBe('indented\nmore');
  });

  it('knows the event, its object, its subject and the room, and no more', () => {
    const source =
      '{{event.type}} {{event.class}} {{event.model}} {{event.received_at}} {{event.backfilled}} {{event.url}} {{subject}} {{room.timezone}}';
    expect(text(source)).toBe(`create Post posts 2026-01-02T03:04:05.000Z false ${link} post:123 Europe/Berlin`);
    expect(written(fill('{{event.backfilled}}', {}, { origin: 'backfilled' }).body)).toEqual(['true']);
    expect(text('{{post.title}}{{site.site_name}}{{#each feedbacks}}x{{/each}}')).toBe('');
  });

  it('knows when an event happened: a fetched row when it was created, a destroy when it arrived', () => {
    const at = (minute: number) => `2026-01-02T03:0${minute}:00.000Z`;
    const when = (event: Partial<Event>, object: EventObject = { created_at: at(1) }) =>
      written(
        fill('at {{event.happened_at}}', object, { updatedAt: at(3), receivedAt: Date.parse(at(9)), ...event }).body,
      );
    expect(when({})).toEqual([`at ${at(3)}`]);
    expect(when({ origin: 'backfilled' })).toEqual([`at ${at(1)}`]);
    expect(when({ origin: 'backfilled', type: 'update' })).toEqual([`at ${at(3)}`]);
    expect(when({ type: 'destroy' })).toEqual([`at ${at(9)}`]);
    expect(when({ updatedAt: null })).toEqual([`at ${at(9)}`]);
    expect(when({ origin: 'backfilled', updatedAt: null }, { created_at: 'yesterday' })).toEqual(['at ']);
  });

  it('cannot reach a prototype', () => {
    const names = ['constructor', 'toString', 'valueOf', '__proto__', 'hasOwnProperty', '__lookupGetter__'];
    const source = names
      .map((name) => `{{object.${name}}}{{lookup object "${name}"}}{{#with (lookup object "${name}")}}x{{/with}}`)
      .join('');
    expect(text(source, { a: 1 })).toBe('');
    expect(text('{{object.title.length}}{{object.tags.push}}', { title: 'abc', tags: ['a'] })).toBe('3');
    const row = JSON.parse('{"constructor":"a","__proto__":"b","toString":"c"}');
    expect(text('{{object.constructor}}{{object.toString}}', row)).toBe('ac');
  });

  it('cuts texts over 64 kB before the template sees them', () => {
    // Compare lengths and ends, because a difference of such texts would fill the screen.
    const summary = (source: string, object: EventObject) => {
      const shown = text(source, object);
      return [shown.length, shown.slice(-3)];
    };
    const long = 'a'.repeat(70_000);
    expect(summary('{{object.x}}', { x: long })).toEqual([65_537, 'aa…']);
    expect(summary('{{object.x}}', { x: 'a'.repeat(65_536) })).toEqual([65_536, 'aaa']);
    expect(summary('{{object.x.y}}', { x: { y: `${'a'.repeat(65_535)}\u{1f4a9}` } })).toEqual([65_536, 'aa…']);
    expect(summary('{{object.x}}', { x: ['b', long] })).toEqual([65_540, 'aa…']);
    expect(summary('{{#if (contains object.x "b")}}seen{{/if}}', { x: `${long}b` })).toEqual([0, '']);
  });

  it('is limited, whatever the template does with a long text', () => {
    const { texts } = walk(
      fill('{{#each object.many}}{{../object.body}}{{/each}}', { many: Array(100).fill(1), body: 'a'.repeat(70_000) }),
    );
    expect(texts.join('').length).toBeLessThan(200_000);
  });

  it('is replaced by the default if loops over lists of the event repeat or produce too much', () => {
    const failureOf = (source: string, object: EventObject) =>
      render([template(source)], eventOf(object)).failure?.message ?? null;
    const twice = '{{#each object.tags}}{{#each ../object.tags}}{{this}}{{/each}}{{/each}}';
    const tags = (count: number) => Array.from({ length: count }, (_, n) => `t${n}`);
    expect(failureOf(twice, { tags: tags(90) })).toBeNull();
    expect(failureOf(twice, { tags: tags(3_000) })).toBe('its loops repeat more than 10000 times');
    const long = '{{#each object.tags}}{{../object.body}}{{/each}}';
    expect(failureOf(long, { tags: tags(1_000), body: 'x'.repeat(60_000) })).toBe(
      'its loops produce more than 16777216 characters',
    );
    expect(text('{{#each object.tags}}{{@index}}{{this}} {{else}}none{{/each}}', { tags: tags(2) })).toBe('0t0 1t1');
    expect(text('{{#each object.tags}}{{this}}{{else}}none{{/each}}', { tags: [] })).toBe('none');
  });

  it('accepts an object of any depth', () => {
    let deep = {};
    for (let i = 0; i < 20_000; i++) deep = { deep };
    expect(text('{{json object}}', { deep })).toContain('"…"');
  });
});

describe('the chosen template', () => {
  const post = template('post', 'post');
  const other = template('other', 'other');
  const fallback = template('default', 'default');
  const show = (name: string | null, className = 'Post') => {
    const { message, failure } = render(
      [post, other, fallback, template('flag', 'flag_log'), template('key', 'api_key')],
      eventOf({}, { class: className }),
      name,
    );
    return [written(message.body).join(), failure?.message ?? null];
  };

  it('is the named one', () => {
    expect(show('other')).toEqual(['other', null]);
  });

  it('is that of the model, in the singular', () => {
    expect(show(null)).toEqual(['post', null]);
    expect(show(null, 'FlagLog')).toEqual(['flag', null]);
    expect(show(null, 'APIKey')).toEqual(['key', null]);
  });

  it('is the default if the model has none', () => {
    expect(show(null, 'Role')).toEqual(['default', null]);
  });

  it('is the default if the named one does not exist, which is reported', () => {
    expect(show('missing')).toEqual(['default', 'the template "missing" does not exist']);
  });
});

describe('the names that a message may depend on', () => {
  const reads = (source: string, name: string, fallback = '') => {
    const templates = new Map([
      ['post', template(source)],
      ['default', template(fallback, 'default')],
    ]);
    const renderer = createRenderer({ get: (key) => templates.get(key), names: [...templates.keys()] }, links);
    return renderer.reads(eventOf({}), null, name);
  };

  it('are those of the template, in any part, block or partial', () => {
    expect(reads('{{object.title}}', 'post')).toBe(false);
    const sources = [
      ...['{{post.title}}', '{{truncate post.title}}', '{{#if (eq post.title 1)}}{{/if}}', '{{#with post}}{{/with}}'],
      ...['{{#each object.tags}}{{../post.title}}{{@root.post.title}}{{/each}}', "---\ntitle: '{{post.title}}'\n---\n"],
      ...['{{#*inline "a"}}{{post.title}}{{/inline}}{{> a}}', '{{lookup post "title"}}'],
    ];
    for (const source of sources) expect(reads(source, 'post'), source).toBe(true);
  });

  it('are those of the default template only if the model has none', () => {
    expect(reads('a', 'post', '{{post.title}}')).toBe(false);
    expect(reads('{{post.title}}', 'post')).toBe(true);
  });
});

describe('a template that fails while running', () => {
  const endless = '{{#*inline "a"}}{{> a}}{{/inline}}{{> a}}';

  it('is replaced by the default, and its failure is reported', () => {
    const { message, failure } = render(
      [template(endless), template('{{event.class}} {{object.id}}', 'default')],
      eventOf({ id: 5 }),
    );
    expect(written(message.body)).toEqual(['Post 5']);
    expect(failure).toBeInstanceOf(RangeError);
  });

  it('is replaced by the built-in message if the default fails, too, or is missing', () => {
    const builtIn = {
      title: [{ kind: 'text', text: 'Post 123: create' }],
      url: link,
      link,
      body: [],
      fields: [],
      footer: null,
    };
    for (const templates of [[template(endless, 'default')], []]) {
      const { message, failure } = render(templates, eventOf({}));
      expect(message).toMatchObject(builtIn);
      expect(failure).toBeInstanceOf(Error);
    }
  });

  it('shows a class name from the source in its shown form', () => {
    const { message } = render(
      [],
      eventOf({}, { class: 'Evil\u202e\nClass', rowId: null, subject: 'source:metasmoke' }),
    );
    expect(line(message.title)).toBe('Evil⟦U+202E⟧␤Class: create');
  });
});

describe('a renderer', () => {
  it('gives the same message for the same event and time', () => {
    const templates = new Map([['post', template('{{ago object.created_at}}')]]);
    const renderer = createRenderer({ get: (name) => templates.get(name), names: ['post'] }, links);
    const event = eventOf({ created_at: new Date(now - 60_000).toISOString() });
    expect(renderer.render(event, null, context)).toEqual(renderer.render(event, null, context));
    expect(written(renderer.render(event, null, { ...context, now: now + 60_000 }).message.body)).toEqual([
      '2 min ago',
    ]);
  });

  it('takes an unknown time zone as UTC', () => {
    const templates = new Map([['post', template('{{date object.x "time"}}')]]);
    const renderer = createRenderer({ get: (name) => templates.get(name), names: ['post'] }, links);
    const room = { ...context.room, timeZone: 'Moon/Crater' };
    const { message } = renderer.render(eventOf({ x: '2025-07-06T15:09:00.000Z' }), null, { now, room });
    expect(written(message.body)).toEqual(['15:09']);
  });
});
