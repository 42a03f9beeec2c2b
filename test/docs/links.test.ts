import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codes, pages, readPage, root } from './pages.ts';

/** The anchors that GitHub makes of a page's headings. */
function anchors(page: string): readonly string[] {
  return [...readPage(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The relative links and pictures of a page. */
function relativeLinks(page: string): readonly string[] {
  return [...readPage(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

describe.each(pages)('%s', (page) => {
  it('links only to pages, headings and pictures that exist', () => {
    const broken = relativeLinks(page).filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchors(target).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('names only files that exist', () => {
    const paths = codes(readPage(page)).filter((code) => /^(?:src|test|docs|templates|\.ci)\/[^ ]*$/.test(code));
    // Other people’s folders, such as an operator's own templates, are given without a name.
    const missing = paths.filter(
      (path) => globSync(path.replaceAll(/<[\w ]+>/g, '*'), { cwd: root }).length === 0 && path !== 'templates/',
    );
    expect(missing).toEqual([]);
  });
});

it('README leads to every page', () => {
  const linked = relativeLinks('README.md').map((link) => link.split('#')[0]);
  expect(pages.filter((page) => page !== 'README.md' && !linked.includes(page))).toEqual([]);
});

it('comments in src name only headings of docs that exist', () => {
  const named = globSync('src/**/*.{ts,js}', { cwd: root }).flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/(docs\/[\w-]+\.md)(?:, "([^"]+)")?/g)].map(
      ([, page = '', heading]) => ({ file, page, heading }),
    ),
  );
  const broken = named.filter(
    ({ page, heading }) =>
      !existsSync(join(root, page)) ||
      (heading !== undefined && !new RegExp(`^#+ ${heading}$`, 'm').test(readPage(page))),
  );
  expect(broken).toEqual([]);
});
