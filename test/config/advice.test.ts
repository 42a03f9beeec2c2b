import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Problem } from '../../src/config/problem.ts';
import { read } from './config-files.ts';
import { followAdvice, type Texts } from './follow-advice.ts';

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000_007);
const numRuns = Number(process.env.FUZZ_RUNS ?? 40);

/** For runs in large numbers, ms. */
const TIMEOUT_MS = 600_000;

const good: Texts = {
  'config.yaml': `source:
  url: wss://metasmoke.example/cable
  key: abcdef
  api: https://metasmoke.example/api
  quiet_after: 15m
  payload_limit: 64MiB
  details: { per_minute: 30 }
store: { url: memory, keep: 30d }
rooms:
  smoke: { to: "console:smoke", timezone: Europe/Berlin, quiet: { at: "22:00-07:00", days: mon-fri, events: posts#create } }
  triage: console:triage
  headquarters: console:hq
operators: headquarters
priority: posts#autoflagged;posts#create
derived: { lost_after: 2m, lingering_after: 1h, quota_below: 500 }
metrics: { port: 9464 }
log_level: info
reload: on
subscriptions:
  - events: posts#create,update
    rooms: [smoke, triage]
    where: object.user_reputation < 50 && object.title.contains("buy")
    template: mine
  - events: flag_logs;feedbacks#create
    rooms: triage
    where: object.user_id == 5
  - events: posts#deleted
    rooms: headquarters
    hold: 2m
    unless: subject.confirmed
    template: post
`,
  'my-templates/mine.hbs': `---
title: "{{truncate object.title 100}}"
footer: "{{room.name}}"
---
{{#if object.autoflagged}}{{link object.username object.user_link}}{{else}}{{default post.title "none"}}{{/if}}
{{number object.user_reputation 0}} {{ago object.created_at}} {{event.type}} {{#each object.tags}}{{this}} {{@index}}{{/each}}
`,
};

/** Every word in those files that is a name or a value, with its place. */
const words = Object.entries(good).flatMap(([file, text]) =>
  [...text.matchAll(/[a-z][\w]{2,}|\b\d+[a-zA-Z]+\b/gi)].map(({ 0: word, index }) => ({ file, word, index })),
);

/** Misspells a word as people do: a letter is left out, doubled, swapped with the next, another one, or of the other case. */
const misspellings: readonly ((word: string, at: number) => string)[] = [
  (word, at) => word.slice(0, at) + word.slice(at + 1),
  (word, at) => word.slice(0, at + 1) + word.slice(at),
  (word, at) => word.slice(0, at) + (word[at + 1] ?? '') + (word[at] ?? '') + word.slice(at + 2),
  (word, at) => `${word.slice(0, at)}x${word.slice(at + 1)}`,
  (word, at) => {
    const letter = word[at] ?? '';
    return (
      word.slice(0, at) +
      (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()) +
      word.slice(at + 1)
    );
  },
];

const mistake = fc.record({
  word: fc.constantFrom(...words),
  how: fc.constantFrom(...misspellings),
  at: fc.nat(20),
});

function problemsOf(texts: Texts): readonly (Problem & { readonly in: string })[] {
  const { 'config.yaml': config = '', ...files } = texts;
  return read(config, { files }).problems.map((problem) => ({
    ...problem,
    in: Object.keys(files).find((file) => problem.file.endsWith(file)) ?? 'config.yaml',
  }));
}

const said = ({ in: file, line, wrong, right }: ReturnType<typeof problemsOf>[number]) =>
  `${file}:${line}: ${wrong}: ${right}`;

it('the files without a mistake have no problem', () => {
  expect(problemsOf(good).map(said)).toEqual([]);
});

it(
  `advice that is followed ends its problem and makes no other (seed ${seed})`,
  () => {
    let followed = 0;
    fc.assert(
      fc.property(mistake, ({ word: { file, word, index }, how, at }) => {
        const text = good[file] ?? '';
        const broken = {
          ...good,
          [file]: text.slice(0, index) + how(word, at % word.length) + text.slice(index + word.length),
        };
        const before = problemsOf(broken);
        for (const problem of before) {
          const repaired = followAdvice(broken, problem.in, problem);
          if (repaired === null) {
            // Something is missing, which takes more than a word.
            expect(problem.right, said(problem)).toContain('add "');
            continue;
          }
          followed++;
          const left = problemsOf(repaired).map(said);
          const others = before.filter((one) => one !== problem).map(said);
          expect(
            left.filter((one) => !others.includes(one)),
            `after ${said(problem)}\n${repaired[problem.in]}`,
          ).toEqual([]);
        }
      }),
      { seed, numRuns },
    );
    expect(followed).toBeGreaterThan(numRuns / 4);
  },
  TIMEOUT_MS,
);
