import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { type Catalogue, catalogueOf, type ModelInfo } from '../../../src/catalogue/catalogue.ts';
import type { DecodeContext, Decoded } from '../../../src/catalogue/source-kind.ts';
import { idText, postIdOf, postSubject, subjectOf } from '../../../src/catalogue/subject.ts';
import type { Input } from '../../../src/inputs/input.ts';
import type { Source, SourceOptions } from '../../../src/inputs/source/source.ts';
import type { SourceState } from '../../../src/inputs/source/state.ts';
import { sentTypes } from '../../../src/words.ts';

const model = (name: string, role: ModelInfo['role'], derived: ModelInfo['derived'] = []): ModelInfo => ({
  ...{ name, class: name, singular: name.slice(0, -1), role, derived },
  ...{
    fields: {},
    added: [],
    namedOtherwise: {},
    derivedFields: {},
    hasRows: true,
    isSent: true,
    isListed: false,
    repeats: [],
    isPrivate: () => false,
    nameSite: (written: string) => written,
  },
});
const all = new Set(sentTypes);
const needs = new Map([
  ['tickets', all],
  ['verdicts', all],
]);
const models = [
  model('tickets', 'report', [{ type: 'confirmed', description: 'someone called it spam', needs }]),
  model('verdicts', 'vote'),
];
const catalogue: Catalogue = catalogueOf(models, (name) => name);

/** A line is a row: `{ "kind": "tickets", "id": 7, "title": "…" }`. */
function decode(message: unknown, { source, receivedAt, origin }: DecodeContext): Decoded {
  const { kind, ...object } = message as { readonly kind: string; readonly id: number };
  const info = catalogue.model(kind);
  if (info === undefined) return { outcome: 'malformed', reason: 'its kind is unknown' };
  const rowId = idText(object.id);
  const subject = subjectOf(source, info, rowId, object);
  const rest = { type: 'create', updatedAt: null, receivedAt, origin } as const;
  return {
    outcome: 'event',
    event: { source, model: info.name, class: info.class, role: info.role, rowId, subject, object, ...rest },
  };
}

/** A source as small as one can be: a tracker of tickets that writes its rows on one long answer, a line each. */
export const tickets: Input = {
  name: 'tickets',
  example: 'tickets#create',
  priority: ['tickets#create'],
  links: {
    pageOf: ({ subject }) => `https://tickets.test/${postIdOf(subject)}`,
    postPage: (subject) => `https://tickets.test/${postIdOf(subject)}`,
    isTrusted: (url) => url.startsWith('https://tickets.test/'),
    read(text) {
      const id = /^https:\/\/tickets\.test\/(\d+)$/.exec(text)?.[1];
      return id === undefined ? null : { kind: 'subject', subject: postSubject(id) };
    },
  },
  readUrl: (url) => ({ outcome: 'url', url, doubts: [] }),
  createCatalogue: () => catalogue,
  decode,
  salvage: () => {
    throw new Error('a line cannot be read');
  },
  messageOf: (_, { name }, row) => ({ kind: name, ...row }),
  createPingReader: () => null,
  createRowReader: () => {
    throw new Error('there is no API');
  },
  createDetailsReader: () => {
    throw new Error('there is no API');
  },
  connect: async (options) => createLines(options),
  startDemo: () => Promise.reject(new Error('there is no demo')),
  samples: async () => [],
};

function createLines({ url, onMessage, onState, clock }: SourceOptions): Source {
  const ended = new AbortController();
  let state: SourceState = { state: 'idle' };
  let heardUntil: number | null = null;
  let reading: Promise<void> | null = null;
  const become = (next: SourceState) => {
    state = next;
    onState(next);
  };

  async function read(): Promise<void> {
    const answer = await fetch(url, { signal: ended.signal });
    become({ state: 'subscribed' });
    const body = Readable.fromWeb(answer.body as ReadableStream, { signal: ended.signal });
    for await (const line of createInterface({ input: body })) {
      heardUntil = clock.now();
      onMessage(JSON.parse(line));
    }
  }

  return {
    ask() {},
    keyChanged() {},
    hold() {},
    start() {
      reading ??= read().catch(() => {});
    },
    async stop() {
      ended.abort();
      await reading;
      become({ state: 'stopped' });
    },
    get state() {
      return state;
    },
    get heardUntil() {
      return heardUntil;
    },
    unreadableFrames: 0,
  };
}
