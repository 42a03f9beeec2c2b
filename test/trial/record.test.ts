import { expect, it } from 'vitest';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { metasmoke } from '../../src/metasmoke/metasmoke.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { readEvent } from '../../src/trial/read-event.ts';
import { recordLine } from '../../src/trial/record.ts';
import { noon } from './trial-rig.ts';

const catalogue = createCatalogue();
const options = { kind: metasmoke, catalogue, secrets: [new Secret('sesame-1234', 'a test')], longestText: null };
const post = (object: object) => ({ event_type: 'create', event_class: 'Post', object: { id: 1, ...object } });

it('a message is recorded as it came, with its time, and can be read again', () => {
  const message = post({ title: 'a\u2028b', link: '//superuser.com/q/1' });
  const line = recordLine(message, noon, options);
  expect(JSON.parse(line!)).toEqual({ at: '2026-01-02T12:00:00.000Z', ...message });
  expect(readEvent({ number: 1, text: line! }, { kind: metasmoke, catalogue })).toMatchObject({ at: noon, message });
});

it('a recording has no private columns and no secrets', () => {
  const user = {
    event_type: 'update',
    event_class: 'User',
    object: { id: 1, email: 'a@b.c', username: 'sesame-1234' },
  };
  expect(JSON.parse(recordLine(user, noon, options)!).object).toEqual({ id: 1, username: '[secret]' });
});

it('long texts are cut on request, and links are not', () => {
  const message = post({
    body: 'b'.repeat(90),
    link: `//superuser.com/q/1/${'l'.repeat(90)}`,
    unheard: 'u'.repeat(90),
  });
  const { object } = JSON.parse(recordLine(message, noon, { ...options, longestText: 10 })!);
  expect(object).toEqual({ ...message.object, body: `${'b'.repeat(10)}…`, unheard: `${'u'.repeat(10)}…` });
});

it('an event of an unknown class is recorded, and what is no event is not', () => {
  const message = { event_type: 'create', event_class: 'Brand::New', object: { id: 1 } };
  expect(JSON.parse(recordLine(message, noon, options)!)).toMatchObject(message);
  expect(recordLine({ statistic: {} }, noon, options)).toBeNull();
});
