import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadTemplates, shippedNames, shippedTemplates } from '../../src/render/load-templates.ts';

describe('loading templates', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lookout-templates-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function write(folder: string, name: string, text: string): string {
    mkdirSync(join(directory, folder), { recursive: true });
    const file = join(directory, folder, name);
    writeFileSync(file, text);
    return file;
  }

  it('finds every .hbs file by its name, and nothing else', () => {
    write('a', 'post.hbs', 'a');
    write('a', 'my-template.hbs', 'b');
    write('a', 'notes.txt', '{{');
    write('a', '.hbs', '{{');
    const { templates, problems } = loadTemplates([join(directory, 'a')]);
    expect(problems).toEqual([]);
    expect(templates.names).toEqual(['my-template', 'post']);
    expect(templates.get('post')).toMatchObject({ name: 'post', file: join(directory, 'a', 'post.hbs') });
    expect(templates.get('constructor')).toBeUndefined();
  });

  it('rejects a file that is too long, and anything that is not a file, without reading it', () => {
    const long = write('a', 'long.hbs', 'x'.repeat(65_537));
    execFileSync('mkfifo', [join(directory, 'a', 'odd.hbs')]);
    write('a', 'post.hbs', 'x'.repeat(65_536));
    const { templates, problems } = loadTemplates([join(directory, 'a')]);
    expect(problems.map(({ file, wrong }) => [file, wrong])).toEqual([
      [long, 'the file is larger than 64 KiB'],
      [join(directory, 'a', 'odd.hbs'), 'this is a pipe'],
    ]);
    expect(templates.names).toEqual(['post']);
  });

  it('uses the first of two with the same name', () => {
    const own = write('a', 'post.hbs', 'a');
    write('b', 'post.hbs', 'b');
    write('b', 'feedback.hbs', 'b');
    const { templates } = loadTemplates([join(directory, 'a'), join(directory, 'b')]);
    expect(templates.names).toEqual(['feedback', 'post']);
    expect(templates.get('post')?.file).toBe(own);
  });

  it('reports the problems of each file, and does not replace a broken one by that of a later directory', () => {
    const broken = write('a', 'post.hbs', 'line\n{{titel}}');
    const other = write('a', 'feedback.hbs', '{{#if object.x}}');
    write('b', 'post.hbs', 'fine');
    const { templates, problems } = loadTemplates([join(directory, 'a'), join(directory, 'b')]);
    expect(templates.names).toEqual([]);
    expect(problems.map(({ file, line, column }) => [file, line, column])).toEqual([
      [other, 1, 1],
      [broken, 2, 3],
    ]);
  });

  it('accepts a missing directory', () => {
    expect(loadTemplates([join(directory, 'missing')])).toMatchObject({ problems: [], templates: { names: [] } });
  });

  it('reports an unreadable file', () => {
    const file = write('a', 'post.hbs', '');
    mkdirSync(join(directory, 'a', 'folder.hbs'));
    const { problems } = loadTemplates([file, join(directory, 'a')]);
    expect(problems).toMatchObject([
      { file, line: 1, column: 1, wrong: 'it cannot be read (ENOTDIR)' },
      { file: join(directory, 'a', 'folder.hbs'), wrong: 'this is a folder' },
    ]);
  });

  it('finds the shipped ones', () => {
    const { templates, problems } = loadTemplates([shippedTemplates]);
    expect(problems).toEqual([]);
    expect(templates.names).toContain('default');
  });
});

it('knows the names of the templates that ship', () => {
  const { templates, problems } = loadTemplates([shippedTemplates]);
  expect(problems).toEqual([]);
  expect(templates.names).toEqual([...shippedNames].sort());
});
