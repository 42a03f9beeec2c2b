import { describe, expect, it } from 'vitest';
import { formatEventSpec, parseEventSpec, typesOf } from '../../src/catalogue/event-spec.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { priorityOf } from '../../src/router/priority.ts';
import { noOptions } from '../../src/router/subscription-options.ts';
import { neededOf, upstreamOf } from '../../src/router/upstream.ts';
import { sentTypes } from '../../src/words.ts';
import { anEvent } from './an-event.ts';

const catalogue = createCatalogue();

function spec(text: string) {
  const parsed = parseEventSpec(text, catalogue);
  if (parsed.outcome !== 'ok') throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec;
}
const subscribedTo = (events: string) => [
  { id: 's', events: spec(events), where: null, rooms: [], template: null, options: noOptions },
];
const asked = (events: string) => formatEventSpec(upstreamOf(subscribedTo(events), catalogue));

describe('the events requested from the source', () => {
  const all = (...models: readonly string[]) => models.map((model) => `${model}#create,update,destroy`).join(';');

  it.each([
    ['posts', 'posts#create,update'],
    ['feedbacks#create', 'feedbacks#create,update'],
    ['feedbacks#destroy', 'feedbacks#destroy'],
    ['posts#deleted', all('deletion_logs', 'posts')],
    ['posts#undeleted', all('deletion_logs', 'posts')],
    ['posts#autoflagged', all('flag_logs', 'posts')],
    ['posts#confirmed', all('feedbacks', 'posts')],
    ['posts#disputed', all('feedbacks', 'posts')],
    ['posts#false_positive', all('feedbacks', 'posts')],
    ['posts#autoflagged_false_positive', all('feedbacks', 'flag_logs', 'posts')],
    ['posts#flagged_not_spam', all('feedbacks', 'flag_logs', 'posts')],
    ['posts#lingering', all('deletion_logs', 'feedbacks', 'posts')],
    ['smoke_detectors#silent', 'smoke_detectors#create,update'],
    ['smoke_detectors#back', 'smoke_detectors#create,update'],
    ['statistics#quota_low', 'statistics#create'],
    ['source', ''],
    ['source#lost;statistics#destroy,quota_low', 'statistics#create,destroy'],
  ])('for %s is %s', (events, expected) => {
    expect(asked(events)).toBe(expected);
  });

  it('bring the names of voters, which are not needed', () => {
    expect(formatEventSpec(neededOf(subscribedTo('feedbacks#create'), catalogue))).toBe('feedbacks#create');
  });

  it('are never derived types', () => {
    for (const name of catalogue.names)
      for (const type of typesOf(catalogue.model(name)))
        for (const part of asked(`${name}#${type}`).split(';').filter(Boolean))
          expect(
            part
              .split('#')[1]!
              .split(',')
              .filter((each) => !sentTypes.some((sent) => sent === each)),
          ).toEqual([]);
  });
});

describe('the priority of an event', () => {
  const order = ['posts#autoflagged_false_positive', 'posts#undeleted', 'posts#create'].map(spec);
  const place = (more: Parameters<typeof anEvent>[1], object = {}) => priorityOf(anEvent(object, more), order);

  it('is found for a derived event by its name, and for the events it is derived from', () => {
    expect(place({ type: 'autoflagged_false_positive' })).toEqual({ place: 0, ifAutoflagged: 0 });
    expect(place({ type: 'undeleted' })).toEqual({ place: 1, ifAutoflagged: 1 });
    expect(place({ type: 'deleted' })).toEqual({ place: 3, ifAutoflagged: 3 });
    const undeletion = { is_deleted: false };
    expect(place({ model: 'deletion_logs' }, undeletion)).toEqual({ place: 1, ifAutoflagged: 1 });
    expect(place({ model: 'feedbacks' }, { feedback_type: 'fpu-' })).toEqual({ place: 3, ifAutoflagged: 0 });
  });
});
