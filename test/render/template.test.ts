import { describe, expect, it } from 'vitest';
import { compileTemplate } from '../../src/render/template.ts';
import { template } from './support.ts';

/** Returns the problems of a template's text as `line:column: wrong: right`. */
function problems(text: string): readonly string[] {
  const result = compileTemplate('post', 'post.hbs', text);
  if (result.outcome === 'ok') return [];
  return result.problems.map(({ line, column, wrong, right }) => `${line}:${column}: ${wrong}: ${right}`);
}

describe('a template', () => {
  it('may be empty, only a body, or only a front matter', () => {
    expect(problems('')).toEqual([]);
    expect(problems('{{object.title}}')).toEqual([]);
    expect(problems('---\ntitle: a\n---\n')).toEqual([]);
    expect(problems('---\n---')).toEqual([]);
    expect(problems('---\r\ntitle: a\r\n---\r\nbody')).toEqual([]);
    expect(problems('\ufeff---\ntitle: a\n---\nbody')).toEqual([]);
  });

  it('keeps its name, its file and the places of its columns', () => {
    const text = `---
title: "\\"{{object.title}}\\" \\
  {{object.username}}"
footer: >-
  {{#if object.why}}
  {{@root.object.is_tp}}{{/if}}
fields:
  - { name: 'it''s {{object.score}}', value: {$VALUE} }
---
{{#each object.tags}}{{this}} {{../object.site_id}}{{/each}}
  {{truncate object.body 5}}{{! object.no }}
`.replace('{$VALUE}', "'{{object.link}}'");
    const { name, file, fieldsUsed } = template(text);
    expect({ name, file }).toEqual({ name: 'post', file: 'post.hbs' });
    const lines = text.split('\n');
    for (const { field, line, column } of fieldsUsed)
      expect(lines[line - 1]!.slice(column - 1)).toMatch(new RegExp(`^${field}\\b`));
    expect(fieldsUsed.map(({ field }) => field)).toEqual(
      ['title', 'username', 'why', 'is_tp', 'score', 'link', 'tags', 'site_id', 'body'], // in the order of the text
    );
  });
});

describe('a problem of a template is reported', () => {
  it.each([
    ['a{{#if object.x}}b', '1:2: {{#if}} is never closed: {{/if}} at its end'],
    ['a\n {{#each object.tags}}{{#if object.x}}{{/if}}', '2:2: {{#each}} is never closed: {{/each}} at its end'],
    ['{{!-- {{#if}} --}}{{#unless object.x}}', '1:19: {{#unless}} is never closed: {{/unless}} at its end'],
    ['{{#if object.x}}a{{/each}}', '1:4: {{#if}} is closed by {{/each}}: {{/if}}'],
    ['a {{/if}}', '1:3: "{{/if}}" closes nothing: an opening {{#…}} before it'],
    [
      'a\nb {{else}}',
      '2:3: this {{else}} belongs to no block, or is the second of its block: one {{else}} inside {{#if …}}',
    ],
    ['a\n  {{object.title', '2:3: "{{object.title" is never closed: }} at its end'],
    ['a {{!-- b', '1:3: "{{!-- b" is never closed: }} at its end'],
    ['{{{object.title}} a', '1:16: "}}" cannot stand here: a name or a value or }}}'],
    ['a {{}}', '1:5: "}}" cannot stand here: a name or a value'],
    ['a {{truncate (first_line object.why 5}}', '1:38: "}}" cannot stand here: a name or a value or )'],
    ['{{object/../room}}', '1:3: "object/.." is not a valid path: object.title, or ../title'],
  ])('by the parser: %j', (text, problem) => {
    expect(problems(text)).toEqual([problem]);
  });

  it.each([
    ['{{truncat object.title 5}}', '1:3: no helper "truncat": truncate'],
    ['{{#if (eqq object.a 1)}}{{/if}}', '1:8: no helper "eqq": eq'],
    ['a\n{{#iff object.x}}{{/iff}}', '2:4: no helper "iff": if'],
    ['{{log object.x}}', expect.stringContaining('1:3: no helper "log"')],
    ['{{titel}}', '1:3: unknown name "titel": object.titel for a column, or site'],
    ['{{objct.title}}', '1:3: unknown name "objct": object'],
    ['{{truncate objct.title}}', '1:12: unknown name "objct": object'],
    ['{{#each object.tags}}{{../objct}}{{/each}}', '1:24: unknown name "objct": object'],
    ['{{quux}}', expect.stringContaining('object.quux for a column, or one of event, object, subject, room')],
    ['{{event.tpye}}', '1:3: unknown name "event.tpye": event.type'],
    ['{{room.nam}}', '1:3: unknown name "room.nam": room.name'],
    ['{{@frist}}', '1:3: unknown name "@frist": @first'],
    ['{{eq object.a}}', '1:3: "eq" with 1 argument: eq <a> <b>'],
    ['{{#with object}}{{link}}{{/with}}', expect.stringContaining('or this.link for the value of that name')],
    [
      '{{truncate 100 object.title}}',
      '1:12: "truncate" with 100 in the place of <text>: truncate <text> [<characters>]',
    ],
    [
      '{{truncate object.a "long"}}',
      '1:21: "truncate" with "long" in the place of <characters>: truncate <text> [<characters>]',
    ],
    ['{{truncate object.a 0}}', expect.stringContaining('"truncate" with 0 in the place of <characters>')],
    ['{{truncate (gt object.a 2)}}', expect.stringContaining('1:12: "truncate" with (gt …) in the place of <text>')],
    ['{{ago (link "a" object.a)}}', expect.stringContaining('"ago" with (link …) in the place of <time>')],
    ['{{truncate object.a (hosts object.a)}}', expect.stringContaining('with (hosts …) in the place of <characters>')],
    ['{{#each (eq object.a 1)}}{{/each}}', expect.stringContaining('"each" with (eq …) in the place of <list>')],
    ['{{join "a, b"}}', '1:8: "join" with "a, b" in the place of <list>: join <list> [<separator>]'],
    ['{{ago 5}}', '1:7: "ago" with 5 in the place of <time>: ago <time>'],
    [
      '{{date object.created_at "month"}}',
      '1:26: "date" with "month" as argument 2: date <time> ["day" | "time" | "zone"]',
    ],
    ['{{#each true}}{{/each}}', '1:9: "each" with true in the place of <list>: #each <list>'],
    ['{{truncate object.a length=5}}', '1:21: "truncate" takes no named arguments: truncate <text> [<characters>]'],
    ['{{#truncate object.a}}{{/truncate}}', '1:4: "truncate" is not a block: {{#if (truncate <text> [<characters>])}}'],
    ['{{if object.a}}', '1:3: "if" is a block: {{#if <value>}}…{{/if}}'],
    ['{{> footr}}{{#*inline "footer"}}a{{/inline}}', '1:5: no partial "footr" in this template: footer'],
    ['{{> footer}}', '1:5: no partial "footer" in this template: {{#*inline "footer"}}…{{/inline}} before it'],
    ['{{#ech object.tags}}{{/each}}', '1:4: {{#ech}} is closed by {{/each}}: {{#each}}'],
    ['{{#each object.tags}}{{/ech}}', '1:4: {{#each}} is closed by {{/ech}}: {{/each}}'],
    ['{{> (lookup object "a")}}', '1:1: a partial without a literal name: a literal name, as in {{> name}}'],
    ['{{#*inlin "a"}}{{/inlin}}', '1:1: {{*inlin}} is unknown: {{#*inline "name"}}…{{/inline}}'],
    ['a \u{f0041}', '1:3: the private character U+F0041, which Lookout reserves for itself: another character'],
  ])('by name: %j', (text, problem) => {
    expect(problems(text)).toEqual([problem]);
  });

  it('but not for names that only exist while it runs', () => {
    for (const text of [
      '{{#each object.tags as |tag index|}}{{tag}} {{index}} {{@index}} {{@first}}{{/each}}',
      '{{#with object}}{{title}} {{this.link}} {{../event.type}}{{/with}}',
      '{{#object}}{{title}}{{/object}}',
      '{{#each feedbacks}}{{feedback_type}}{{/each}} {{site.site_name}} {{post.title}}',
      '{{#*inline "a"}}{{name}}{{/inline}}{{> a object}}',
      '{{{{plain}}}}{{{{/plain}}}}'.replace(/plain/g, 'object'),
      '\\{{object.title}}',
    ]) {
      expect(problems(text)).toEqual([]);
    }
  });

  it('in its front matter', () => {
    expect(problems("---\ntitel: a\ncolor: '#ff'\nfields: { a: b }\nurl: [a]\nimage: 5\n---\n")).toEqual([
      '2:1: unknown key "titel": title',
      `3:9: "#ff" is not a color: '#rrggbb'`,
      `4:9: "fields" is not a list: - { name: Site, value: '{{…}}' }`,
      `5:6: "url" is not a text: url: '{{…}}', in quotes`,
    ]);
    expect(problems('---\nfields:\n  - a\n  - { name: a, valeu: b, inline: 1 }\n---\n')).toEqual([
      "3:5: a field is not a map: { name: Site, value: '{{…}}', inline: true }",
      "4:5: a field without value: { name: Site, value: '{{…}}' }",
      '4:16: unknown key "valeu": value',
      '4:34: "inline" is neither true nor false: inline: true',
    ]);
  });

  it('even in YAML with its traps', () => {
    expect(problems('---\ntitle: {{object.title}}\n---\n')).toEqual([
      "2:8: { begins a YAML map here: title: '{{…}}', in quotes",
    ]);
    expect(problems('---\ncolor: #ff0000\n---\n')).toEqual([
      `2:8: "color" is not a text: color: '#rrggbb', in quotes (# begins a comment)`,
    ]);
    expect(problems("---\ntitle: 'a'\ntitle: 'b'\n---\n")).toEqual([
      expect.stringMatching(/^3:1: not YAML \(.*unique/),
    ]);
    expect(problems("---\ntitle: 'a\n---\n")).toEqual([expect.stringMatching(/^\d:\d+: not YAML/)]);
    expect(problems('---\n- a\n---\n')).toEqual([
      expect.stringMatching(/^2:1: the front matter is not a list of keys/),
    ]);
    expect(problems('---\ntitle: a\n')).toEqual(['1:1: the front matter is never closed: a second line of ---']);
  });

  it('at its place in quoted, escaped and folded texts', () => {
    const text = [
      '---',
      `title: 'it''s {{foo}}'`,
      `footer: "a \\"\\u0041\\" {{foo}}"`,
      'url: >-',
      '  folded',
      '  over {{foo}}',
      'image: |',
      '    literal',
      '      {{foo}}',
      'fields: [{ name: a {{foo}}, value: "b',
      '  c {{foo}}" }]',
      '---',
      'x {{foo}}',
    ].join('\n');
    const result = compileTemplate('post', 'post.hbs', text.replace('a {{foo}}', "'a {{foo}}'"));
    const lines = text.replace('a {{foo}}', "'a {{foo}}'").split('\n');
    if (result.outcome === 'ok') throw new Error('no problems');
    const places = result.problems.map(({ line, column }) => lines[line - 1]!.slice(column - 1, column + 2));
    expect(places).toEqual(Array(7).fill('foo'));
  });

  it('together with all others', () => {
    expect(problems("---\ntitle: '{{a}}'\nfooter: '{{#if object.x}}'\n---\n{{b}}\n{{truncat 1 2}}").length).toBe(4);
  });
});
