import { format as formatConsole } from '../../src/adapters/console/format.ts';
import { format as formatDiscord } from '../../src/adapters/discord/format/format.ts';
import { format as formatMatrix } from '../../src/adapters/matrix/format/format.ts';
import { underscore } from '../../src/catalogue/inflect.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { decode } from '../../src/metasmoke/decode.ts';
import { links } from '../../src/metasmoke/links.ts';
import { htmlText } from '../../src/render/helpers/html-text.ts';
import { loadTemplates, shippedTemplates } from '../../src/render/load-templates.ts';
import type { Message } from '../../src/render/message.ts';
import { createRenderer } from '../../src/render/renderer.ts';
import { compileTemplate, type Template } from '../../src/render/template.ts';
import type { Event, PlatformName } from '../../src/words.ts';
import { isAllowedLink } from './allowed-link.ts';
import { differences, isCut } from './compare.ts';
import type { Screen } from './console/read.ts';
import { discordDifferences } from './discord/compare.ts';
import { payloadFaults, readPayload } from './discord/payload.ts';
import { harmlessRow } from './harmless-row.ts';
import { type Case, now } from './hostile-case.ts';
import { looseDifferences } from './loosely.ts';
import { contentFaults, readHtml } from './matrix/read.ts';
import { readBody } from './matrix/read-body.ts';
import { type Complaint, joined, quoted, type Reading } from './reading.ts';
import { wrongCharacters } from './shown-form.ts';
import { testTemplates } from './test-templates.ts';
import { createTokens } from './tokens.ts';
import { harmlessTree, readTree } from './tree.ts';

/** A key of the usual length. */
const key = 'fuzzfuzzfuzzfuzzfuzz00';

/** Limit in UTF-16 units, because percent-encoding takes many more. */
const longestAddress = 40;
/**
 * Limit in UTF-16 units: an event's texts are cut at 64 kB, a template's result at 256 kB, in which a unit may take 16,
 * several times.
 */
const longestWhole = 2_500;

/** Shipped templates that show the text of a column's HTML, and so less than the column. */
const readsHtml: ReadonlySet<string> = new Set(['announcement']);

const catalogue = createCatalogue();
const shipped = loadTemplates([shippedTemplates]).templates;
const ours = new Map(Object.entries(testTemplates).map(([name, { text }]) => [name, compiled(name, text)]));
const templates = {
  names: [...shipped.names, ...ours.keys()],
  get: (name: string) => ours.get(name) ?? shipped.get(name),
};
const renderer = createRenderer(templates, links);

function compiled(name: string, text: string): Template {
  const result = compileTemplate(name, `${name}.hbs`, text);
  if (result.outcome === 'ok') return result.template;
  throw new Error(`${name}: ${JSON.stringify(result.problems)}`);
}

function eventOf({ message, origin }: Case): Event {
  const decoded = decode(message, { source: 'metasmoke', receivedAt: now, origin, catalogue, siteOf: () => null });
  if (decoded.outcome !== 'event') throw new Error(`not an event: ${JSON.stringify(decoded)}`);
  return decoded.event;
}

/** The functions that make a platform's payload of a message. */
export interface Formats {
  readonly discord: (message: Message, key: string, look: { readonly embeds: boolean }) => string;
  readonly matrix: (message: Message, key: string) => string;
  readonly console: (message: Message, width: number) => string;
}
const lookouts: Formats = { discord: formatDiscord, matrix: formatMatrix, console: formatConsole };

/**
 * Checks promise 5 of the design, "hostile text stays text", for one event in one template on every platform: the shown
 * content must be that of harmless words, with the event's texts in their shown form in their place, and nothing else.
 */
export async function complaintsOf(case_: Case, screen: Screen, formats = lookouts): Promise<Complaint[]> {
  const event = eventOf(case_);
  const message = (
    from: Event,
    platform: PlatformName,
  ): { readonly message: Message; readonly failure: Error | null } =>
    renderer.render(from, case_.template, { now, room: { name: 'smoke', platform, timeZone: 'Europe/Berlin' } });

  const { message: hostile, failure } = message(event, 'discord');
  if (failure !== null) return [{ kind: 'render: failure', detail: String(failure) }];
  const own = case_.template ?? underscore(event.class);
  const kind = readsHtml.has(own) ? 'read' : (testTemplates[own]?.kind ?? 'helped');

  const complaints: Complaint[] = [];
  const add = (place: string, found: readonly Complaint[]) => {
    complaints.push(...found.map(({ kind, detail }) => ({ kind: `${place}: ${kind}`, detail })));
  };

  const tree = readTree(hostile);
  add('render', sins(tree));
  // Texts that are cut before a template sees them, and addresses that are too long, leave out more than their own
  // text.
  const longest = case_.template === 'addresses' ? longestAddress : longestWhole;
  const isTooLong = Object.values(event.object).some((value) => JSON.stringify(value).length > longest);
  if (kind !== 'read' && !isTooLong) {
    const tokens = createTokens('alike');
    const wholeLists = kind !== 'exact' && own !== 'default' && templates.get(own) !== undefined;
    const plain = readTree(
      message({ ...event, object: harmlessRow(asRead(event.object, own), tokens, wholeLists) }, 'discord').message,
    );
    add(
      'render',
      kind === 'exact' ? differences(tree, plain, tokens, sameBreaks) : looseDifferences(tree, plain, tokens),
    );
  }

  const tokens = createTokens('apart');
  const { message: harmless, looks } = harmlessTree(hostile, tokens);
  for (const embeds of [true, false]) {
    const place = embeds ? 'discord embed' : 'discord plain';
    const json = formats.discord(hostile, key, { embeds });
    add(place, payloadFaults(json));
    const expected = readPayload(formats.discord(harmless, key, { embeds }));
    for (const [parser, reading] of Object.entries(readPayload(json))) {
      add(place, sins(reading));
      add(place, discordDifferences(reading, expected[parser]!, tokens, looks));
    }
  }

  const content = formats.matrix(hostile, key);
  const harmlessContent = formats.matrix(harmless, key);
  add('matrix', contentFaults(content));
  const html = readHtml(formattedBody(content));
  add('matrix', sins(html));
  const harmlessHtml = readHtml(formattedBody(harmlessContent));
  add('matrix', differences(html, harmlessHtml, tokens, withoutBlanks, looks));
  const body = readBody(content);
  add('matrix body', sins(body));
  // The "…" of a cut may be in a part that `body` leaves out.
  if (!isCut(html, harmlessHtml, tokens, withoutBlanks))
    add('matrix body', differences(body, readBody(harmlessContent), tokens, withoutBackticks));

  const [shown, plain] = await screen.read(
    formats.console(hostile, case_.width),
    formats.console(harmless, case_.width),
  );
  add('console', sins(shown));
  add('console', differences(shown, plain, tokens, withoutBars));
  return complaints;
}

/** Returns a row as its template reads it: an announcement is HTML, of which the text is shown. */
function asRead(object: Event['object'], template: string): Event['object'] {
  if (template !== 'announcement' || typeof object.text !== 'string') return object;
  return { ...object, text: htmlText(object.text) };
}

/**
 * Returns faults of any content: a link to elsewhere, a mention or control, characters that are not in their shown
 * form.
 */
function sins({ runs, links, dangers }: Reading): Complaint[] {
  const strange = links.filter((link) => !isAllowedLink(link)).map((link) => ({ kind: 'link', detail: quoted(link) }));
  const made = dangers.map((danger) => ({ kind: danger.split(' ', 1)[0]!, detail: quoted(danger) }));
  const characters = joined(runs).flatMap(({ text }) =>
    wrongCharacters(text).map((detail) => ({ kind: 'characters', detail: `${detail} in ${quoted(text)}` })),
  );
  return [...strange, ...made, ...characters];
}

function formattedBody(content: string): string {
  return (JSON.parse(content) as { readonly formatted_body: string }).formatted_body;
}

/** A value's line breaks are ␤ in a place of one line; a mark at the beginning of a list's item may get an added base. */
const sameBreaks = (text: string) => text.replaceAll('␤', '\n').replace(/◌(?=\p{M})/gu, '');
const withoutBlanks = (text: string) => text.replace(/\s/gu, '');
/** In `body` backticks protect text from programs that read Markdown; `>` is before each line of a quote. */
const withoutBackticks = (text: string) => text.replace(/[\s`>]/gu, '');
/** The bar at the left, and those of quotes, are on each line into which a text is wrapped. */
const withoutBars = (text: string) => text.replace(/[\s▌│]/gu, '');
