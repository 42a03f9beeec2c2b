import fc from 'fast-check';
import type { FieldType, ModelInfo } from '../../src/catalogue/catalogue.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { type Json, sentTypes } from '../../src/words.ts';
import { hostileText, inParts } from './hostile-text.ts';
import { testTemplates } from './test-templates.ts';

/** A message of the channel, and how and where it is shown. */
export interface Case {
  /** As received: `event_type`, `event_class`, `object`. */
  readonly message: {
    readonly event_type: string;
    readonly event_class: string;
    readonly object: Readonly<Record<string, Json>>;
  };
  /** Null: the model's own, or `default`. */
  readonly template: string | null;
  readonly origin: 'live' | 'backfilled';
  /** Columns of the terminal. */
  readonly width: number;
}

/** The time of every case, Unix milliseconds. */
export const now = Date.UTC(2026, 0, 2, 3, 4, 5);

const catalogue = createCatalogue();
const withTemplate =
  'posts feedbacks flag_logs deletion_logs statistics announcements smoke_detectors post_comments spam_domains domain_tags review_results'.split(
    ' ',
  );

const hosts = [
  'stackoverflow.com',
  'es.stackoverflow.com',
  'math.stackexchange.com',
  'metasmoke.erwaysoftware.com',
  'evil.com',
  'stackoverflow.com.evil.com',
  'evil.com\\@stackoverflow.com',
];
/** Addresses that may be links, and similar ones that may not. */
const address = fc
  .tuple(
    fc.constantFrom('https://', '//', 'http://', 'HTTPS://', 'javascript://', 'https://a:b@'),
    fc.constantFrom(...hosts),
    fc.oneof(
      fc.constantFrom(
        '',
        '/',
        '/a/1',
        '/q/1?a=b&c=d#e',
        '/users/1/a_b_c',
        '/(x)',
        '/*a*_b_~~c~~',
        '/[x](y)',
        '/||x||',
        '/`x`',
        '/"\'<>',
        '/ü/é?ä=ö',
      ),
      hostileText.map((text) => `/${text}`),
    ),
  )
  .map((parts) => parts.join(''));

const plausible: Readonly<Record<FieldType, fc.Arbitrary<Json>>> = {
  integer: fc.integer({ min: 0, max: 100_000 }),
  number: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0, max: 1e6 }),
  boolean: fc.boolean(),
  datetime: fc.integer({ min: 0, max: 40 * 86_400 }).map((seconds) => new Date(now - seconds * 1000).toISOString()),
  string: hostileText,
  text: hostileText,
  list: fc.array(hostileText, { maxLength: 4 }),
};

/** Values that no column of metasmoke has, but that a source may send. */
const odd: fc.Arbitrary<Json> = fc.oneof(
  fc.array(hostileText, { maxLength: 4 }),
  fc.constantFrom<Json>(null, true, false, 0, -1, 1e21, 0.1, ''),
  fc.dictionary(
    hostileText.map((key) => key.slice(0, 20)),
    hostileText,
    { maxKeys: 3 },
  ),
  fc.array(fc.array(hostileText, { maxLength: 2 }), { maxLength: 2 }),
);

function column(name: string, type: FieldType): fc.Arbitrary<Json> {
  if (name === 'tags' || name === 'responses')
    return fc.oneof(
      { weight: 4, arbitrary: fc.array(hostileText, { maxLength: 4 }) },
      { weight: 1, arbitrary: hostileText },
    );
  if (/link|url/.test(name)) return fc.oneof({ weight: 3, arbitrary: address }, { weight: 2, arbitrary: hostileText });
  if (name === 'feedback_type') return fc.oneof(fc.constantFrom('tp-', 'fp-', 'naa-'), hostileText);
  const isText = type === 'string' || type === 'text';
  return fc.oneof(
    { weight: 12, arbitrary: plausible[type] },
    { weight: isText ? 1 : 2, arbitrary: isText ? odd : hostileText },
    { weight: 1, arbitrary: odd },
  );
}

function rowOf(model: ModelInfo): fc.Arbitrary<Readonly<Record<string, Json>>> {
  const columns = Object.entries(model.fields).filter(([name]) => name !== 'id');
  return fc
    .tuple(
      fc.integer({ min: 1, max: 1e9 }),
      fc.record(Object.fromEntries(columns.map(([name, type]) => [name, column(name, type)])), { requiredKeys: [] }),
    )
    .map(([id, row]) => ({ id, ...(row as Readonly<Record<string, Json>>) }));
}

const posts = catalogue.model('posts')!;
const titles = ['title', 'username', 'why', 'body'] as const;

/** A post; sometimes one danger is spread over columns that test templates put side by side. */
const post = fc
  .tuple(rowOf(posts), fc.option(inParts(titles.length), { freq: 3 }))
  .map(([row, parts]) =>
    parts === null ? row : { ...row, ...Object.fromEntries(titles.map((name, index) => [name, parts[index]!])) },
  );

const modelRow = (name: string) => {
  const model = catalogue.model(name)!;
  return rowOf(model).map((object) => ({ event_class: model.class, object }));
};

/** A class that is not in the catalogue, with columns of any name. */
const strangeRow = fc
  .tuple(
    fc.constantFrom('SpamThing', 'Ref', 'A::B'),
    fc.dictionary(
      hostileText.map((key) => key.slice(0, 40)),
      fc.oneof(hostileText, odd),
      { maxKeys: 5 },
    ),
  )
  .map(([event_class, object]) => ({ event_class, object: { ...object, id: 7 } as Readonly<Record<string, Json>> }));

const shownWith = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(fc.constantFrom(...withTemplate).chain(modelRow), fc.constantFrom(null, null, null, 'default')),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...catalogue.names).chain(modelRow), fc.constantFrom(null, 'default')),
  },
  { weight: 1, arbitrary: fc.tuple(strangeRow, fc.constantFrom(null, 'default')) },
  {
    weight: 8,
    arbitrary: fc.tuple(
      post.map((object) => ({ event_class: 'Post', object })),
      fc.constantFrom(...Object.keys(testTemplates)),
    ),
  },
);

export const hostileCase: fc.Arbitrary<Case> = fc
  .tuple(
    shownWith,
    fc.constantFrom(...sentTypes),
    fc.constantFrom('live' as const, 'live' as const, 'backfilled' as const),
    fc.constantFrom(100, 40, 300),
  )
  .map(([[row, template], event_type, origin, width]) => ({
    message: { event_type, ...row },
    template,
    origin,
    width,
  }));
