import { describe, expect, it } from 'vitest';
import { compare, readExpectations } from '../../src/trial/expectations.ts';
import type { ExplainedEvent } from '../../src/trial/explanation.ts';

const isRoom = (name: string) => (['smoke', 'hq'].includes(name) ? null : 'rooms are smoke, hq');

function read(text: string) {
  const found = readExpectations(text, isRoom);
  if (found.outcome === 'problems') throw new Error(JSON.stringify(found.problems));
  return found.expectations;
}

function problemsOf(text: string) {
  const found = readExpectations(text, isRoom);
  if (found.outcome === 'ok') return [];
  return found.problems.map(({ line, column, wrong, right }) => `${line}:${column}: ${wrong}: ${right}`);
}

const explained = (line: number, event: string, rooms: Readonly<Record<string, string | null>>): ExplainedEvent => ({
  ...{
    line,
    event,
    at: '',
    subject: 'post:1',
    origin: event.endsWith('confirmed') ? 'derived' : 'live',
    leftOut: null,
  },
  rooms: Object.entries(rooms).map(([room, template]) => ({
    ...{ room, address: room, gets: template !== null, why: '', as: null, unmatched: [] },
    by:
      template === null
        ? null
        : { id: 's', line: 1, where: null, values: {}, template, conditionFailed: null, holdMs: null, unless: null },
  })),
});

describe('expectations', () => {
  const events = [
    explained(1, 'posts#create', { smoke: 'post', hq: null }),
    explained(2, 'feedbacks#create', { smoke: null, hq: null }),
    explained(2, 'posts#confirmed', { smoke: 'post', hq: 'post' }),
  ];

  it.each([
    ['- { line: 1, rooms: [smoke] }', []],
    ['- { line: 1, rooms: { smoke: post } }', []],
    ['- { line: 2, rooms: [] }', []],
    ['- { event: posts#confirmed, subject: post:1, rooms: [smoke, hq] }', []],
    [
      '- { line: 1, rooms: [hq] }',
      [
        { kind: 'missing', room: 'hq' },
        { kind: 'unexpected', room: 'smoke' },
      ],
    ],
    ['- { line: 1, rooms: { smoke: card } }', [{ kind: 'template', room: 'smoke', expected: 'card', actual: 'post' }]],
  ])('compares %s', (text, differences) => {
    expect(compare(read(text), events).flatMap(({ rooms }) => rooms)).toEqual(differences);
  });

  it('are not met by an event that did not come', () => {
    expect(compare(read('\n- { line: 3, rooms: [] }'), events)).toEqual([{ place: 2, event: null, rooms: [] }]);
  });

  it.each([
    ['', '1:1: this is not a list of expectations: for example `- { line: 1, rooms: [smoke] }`'],
    ['- { line: 1, rooms: [smok] }', '1:22: unknown room "smok": rooms are smoke, hq'],
    ['- { line: 0, rooms: [] }', '1:11: "line" is not the number of a line: count from 1'],
    ['- { evnt: posts, line: 1, rooms: [] }', '1:5: unknown key "evnt": keys are line, event, subject, rooms'],
    ['- { rooms: [smoke] }', '1:3: it does not say which events it is about: add "line:", "event:" or "subject:"'],
    [
      '- { line: 1 }',
      '1:3: "rooms" is missing, or is not a list: write the rooms that get the events; [] if none does',
    ],
    ['- nothing', '1:3: this is not an expectation: for example `- { line: 1, rooms: [smoke] }`'],
    ['- { line: 1, event: 7, rooms: [] }', '1:21: "event" is not a text: for example posts#create'],
  ])('that are wrong are refused with their place: %s', (text, problem) => {
    expect(problemsOf(text)).toContain(problem);
  });

  it('that are not YAML are refused with their place', () => {
    expect(problemsOf('- line: 1\n- [a\n')[0]).toMatch(/^3:1: Flow sequence/);
  });
});
