import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Holds phrases that make a sentence hard to read at zero, in the source, its templates and the documentation. */

const root = fileURLToPath(new URL('..', import.meta.url));

interface Phrase {
  readonly name: string;
  readonly pattern: RegExp;
  /** A sentence that has the phrase, and one that says the same without it. */
  readonly bad: string;
  readonly good: string;
}

/** The beginning of a sentence or of a part after a colon or semicolon. */
const start = String.raw`(?:^(?:/\*\*|//|#|\|)?|[.:;(|]|['"\`])\s*`;

const phrases: readonly Phrase[] = [
  {
    name: '"is no" for "is not a" ("there is no" and "is no longer" are good English)',
    pattern: /(?<!\bthere )\bis no (?!longer\b|more than\b|less than\b)/i,
    bad: 'A post is no subject.',
    good: 'A post is not a subject. There is no subject. It is no longer one.',
  },
  {
    name: '"nobody" for a negated verb',
    pattern: /\bnobody\b/i,
    bad: 'Nobody hears it.',
    good: 'No subscription matches.',
  },
  {
    name: 'a doc comment that begins with What, Whether, How or Who',
    pattern: /^\/\*\*\s*(?:What|Whether|How|Who|Whom|Whose)\b/,
    bad: '/** How long a redraw waits. */',
    good: '/** Delay before redraws, ms. */',
  },
  {
    name: '"told of" for "sent" or "notified"',
    pattern: /\b(?:told|tells|telling) of\b/i,
    bad: 'The room is told of it.',
    good: 'The room is notified.',
  },
  {
    name: '"also over" for "survives"',
    pattern: /\balso over\b/i,
    bad: 'It is sent once, also over a crash.',
    good: 'It survives a crash.',
  },
  {
    name: '"whoever" for "if"',
    pattern: /\bwho(?:m)?ever\b/i,
    bad: 'Whoever comes too early waits.',
    good: 'Later calls wait.',
  },
  {
    name: 'a fronted "so long", "so many", "so much" or "so often"',
    pattern: new RegExp(
      `${start}(?:(?:after|for|within|at most|only) )?so (?:long|many|much|often|few)\\b(?! as\\b| that\\b)`,
      'i',
    ),
    bad: 'Delay. So long nothing is asked for.',
    good: 'The pause is so long that a retry helps. So long as it lasts, nothing is sent.',
  },
  {
    name: '"null where" for "null if"',
    pattern: /\b(?:null|undefined|empty|false|true|none) where\b/i,
    bad: 'The id; null where it has none.',
    good: 'The id; null if it has none.',
  },
  {
    name: '"asked of" for "requested" or "fetched"',
    pattern: /\basked of\b/i,
    bad: 'It is asked of the API.',
    good: 'It is fetched from the API.',
  },
  {
    name: '"what is told", "what waits" and the like for the thing itself',
    pattern: /\bwhat (?:waits|comes|(?:is|was) (?:told|heard|asked|due|known|left))\b/i,
    bad: 'It sends what waits.',
    good: 'It sends the waiting deliveries.',
  },
];

/** A comment, a line of code or a paragraph as one text, with the line on which each part begins. */
interface Unit {
  text: string;
  readonly lines: { readonly at: number; readonly line: number }[];
}

/** Joins the lines of a comment or paragraph, so that a phrase is found across a line break. */
function unitsOf(content: string, file: string): Unit[] {
  const units: Unit[] = [];
  let joins = false;
  content.split('\n').forEach((written, index) => {
    const { text, continues } = readLine(written, file, joins);
    if (text !== '') {
      const last = units.at(-1);
      if (continues && last !== undefined) {
        last.lines.push({ at: last.text.length + 1, line: index + 1 });
        last.text += ` ${text}`;
      } else units.push({ text, lines: [{ at: 0, line: index + 1 }] });
    }
    joins = text !== '' && isJoined(written, file);
  });
  return units;
}

const comment = /^\s*(?:\*(?!\/)|\/\/|#(?=\s|$)) ?/;

/** Returns a line without its comment sign, and whether it continues the line before. */
function readLine(
  written: string,
  file: string,
  joins: boolean,
): { readonly text: string; readonly continues: boolean } {
  if (file.endsWith('.md'))
    return { text: written.trim(), continues: joins && !/^\s*(?:[-*|#>]|\d+\. )/.test(written) };
  const isComment = comment.test(written);
  const text = (isComment ? written.replace(comment, '') : written.replace(/\s*\*\/$/, '')).trim();
  return { text, continues: joins && isComment };
}

/** Returns true if the next line may continue this one. */
function isJoined(written: string, file: string): boolean {
  return file.endsWith('.md') || comment.test(written) || /^\s*\/\*\*?\s*$/.test(written);
}

interface Finding {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly sentence: string;
}

function findingsIn(content: string, file: string): Finding[] {
  return unitsOf(content, file).flatMap(({ text, lines }) =>
    phrases.flatMap(({ name, pattern }) =>
      [...text.matchAll(new RegExp(pattern, `g${pattern.flags}`))].map(({ index, 0: { length } }) => {
        const last = index + length - 1;
        const line = lines.findLast(({ at }) => at <= last)?.line ?? 0;
        const before = text.slice(0, last).search(/[^.;]*$/);
        const sentence = text.slice(before, last) + (/^.*?(?:[.;](?=\s|$)|$)/.exec(text.slice(last))?.[0] ?? '');
        return { file, line, name, sentence: sentence.trim().slice(0, 200) };
      }),
    ),
  );
}

const files = ['src/**/*.{ts,js}', 'templates/*.hbs', '*.md', 'docs/**/*.md', 'config.example.yaml']
  .flatMap((pattern) => globSync(pattern, { cwd: root }))
  .map((file) => file.replaceAll('\\', '/'))
  .sort();
const findings = files.flatMap((file) => findingsIn(readFileSync(join(root, file), 'utf8'), file));
const shown = ({ file, line, name, sentence }: Finding) => `${file}:${line}: ${sentence}  (${name})`;

describe('the prose', () => {
  it('has none of the phrases', () => {
    expect(files.length).toBeGreaterThan(300);
    expect(findings.map(shown)).toEqual([]);
  });
});

describe('the search for phrases', () => {
  it.each(phrases)('finds $name', ({ name, bad, good }) => {
    expect(findingsIn(bad, 'a.ts').map((found) => found.name)).toEqual([name]);
    expect(findingsIn(good, 'a.ts')).toEqual([]);
  });

  it('finds a phrase across the lines of a comment, and says where and in which sentence', () => {
    const code = '/**\n * Returns a page. This is\n * no page; the rest is.\n */\nconst a = 1; // Told\n';
    expect(findingsIn(code, 'a.ts')).toMatchObject([{ file: 'a.ts', line: 3, sentence: 'This is no page;' }]);
    expect(findingsIn('/**\n * What waits.\n */', 'a.ts').map(({ line }) => line)).toEqual([2, 2]);
    expect(findingsIn("const a = 'it is no room';", 'a.ts').map(({ line }) => line)).toEqual([1]);
    expect(findingsIn('# Rooms\n\nA room is\nno person.\n', 'a.md').map(({ line }) => line)).toEqual([4]);
  });

  it('joins nothing that does not belong together', () => {
    expect(findingsIn("// This is\nconst a = 'no room';", 'a.ts')).toEqual([]);
    expect(findingsIn('The rest is\n\nno problem.\n', 'a.md')).toEqual([]);
  });
});
