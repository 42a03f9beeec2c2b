import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEventSpec, parseEventSpec, typesOf, unionSpecs } from '../../src/catalogue/event-spec.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';

const catalogue = createCatalogue();
const ofPosts =
  'deleted, undeleted, autoflagged, confirmed, disputed, false_positive, autoflagged_false_positive, flagged_not_spam, lingering';

function spec(text: string) {
  const parsed = parseEventSpec(text, catalogue);
  if (parsed.outcome !== 'ok') throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec;
}

/** Returns each problem as `«quoted text» wrong: right`. */
function problems(text: string) {
  const parsed = parseEventSpec(text, catalogue);
  if (parsed.outcome !== 'problems') throw new Error('no problem');
  return parsed.problems.map((p) => `«${text.slice(p.offset, p.offset + p.length)}» ${p.wrong}: ${p.right}`);
}

describe('an event spec', () => {
  it.each([
    ['posts', 'posts#create,update'],
    ['posts#create', 'posts#create'],
    ['posts#destroy,create', 'posts#create,destroy'],
    ['statistics#create,update;posts#create', 'posts#create;statistics#create,update'],
    ['  posts # create , update ;\n\tfeedbacks\n', 'feedbacks#create,update;posts#create,update'],
    ['posts;posts#create', 'posts#create,update'],
    ['posts#create,create;posts#destroy', 'posts#create,destroy'],
    ['posts;;feedbacks;', 'feedbacks#create,update;posts#create,update'],
    ['ref#update', 'ref#update'],
    ['posts#deleted,create;smoke_detectors#silent', 'posts#create,deleted;smoke_detectors#silent'],
    ['source', 'source#lost,back'],
  ])('%j means %s', (text, normal) => {
    expect(formatEventSpec(spec(text))).toBe(normal);
  });

  it.each([
    ['post#create', '«post» unknown model "post": did you mean posts#create?'],
    ['Posts', '«Posts» unknown model "Posts": did you mean posts?'],
    ['FlagLog#create', '«FlagLog» unknown model "FlagLog": did you mean flag_logs#create?'],
    ['feedbacks; flag_log', '«flag_log» unknown model "flag_log": did you mean flag_logs?'],
    ['posts,feedbacks', '«posts,feedbacks» models are separated by ";", not ",": write posts;feedbacks'],
    ['posts#create,feedbacks', '«feedbacks» feedbacks is a model, not a type: separate models by ";": …;feedbacks'],
    [
      'posts#create, feedbacks#update',
      '«feedbacks#update» feedbacks is a model, not a type: separate models by ";": …;feedbacks#update',
    ],
    ['posts#created', '«created» unknown type "created": did you mean posts#create?'],
    ['posts#Create', '«Create» unknown type "Create": did you mean posts#create?'],
    ['posts#delete', '«delete» unknown type "delete": did you mean posts#deleted?'],
    ['posts#zzz', `«zzz» unknown type "zzz": types are create, update, destroy, ${ofPosts}`],
    ['feedbacks#zzz', '«zzz» unknown type "zzz": types are create, update, destroy'],
    [
      'posts#silent',
      `«silent» posts#silent does not exist: did you mean smoke_detectors#silent? Those of posts are create, update, destroy, ${ofPosts}`,
    ],
    ['source#create', '«create» source#create does not exist: types are lost, back'],
    ['source#*', '«*» "*" is not a type: name each type: source#lost,back'],
    ['source#', '«» a type is missing for source: source (lost and back) or source#lost'],
    ['posts#*', '«*» "*" is not a type: name each type: posts#create,update,destroy'],
    ['posts#', '«» a type is missing for posts: posts (create and update) or posts#create'],
    ['posts#create,', '«» a type is missing for posts: posts (create and update) or posts#create'],
    ['#create', '«» a model is missing before "#": for example posts#create'],
    ['', '«» no events named: for example posts#create'],
    [' ; ', '«;» no events named: for example posts#create'],
  ])('%j is rejected', (text, problem) => {
    expect(problems(text)).toEqual([problem]);
  });

  it('lists the known names if none is near', () => {
    expect(problems('weather')[0]).toMatch(/^«weather» unknown model "weather": one of abuse_comments, .*users$/);
  });

  it('reports every problem at once, each with its place', () => {
    expect(problems(' post # creat ;; posts#*')).toEqual([
      '«post» unknown model "post": did you mean posts# creat?',
      '«creat» unknown type "creat": did you mean posts#create?',
      '«*» "*" is not a type: name each type: posts#create,update,destroy',
    ]);
    const parsed = parseEventSpec(' post # creat ;; posts#*', catalogue);
    expect(parsed).toMatchObject({
      problems: [
        { offset: 1, length: 4 },
        { offset: 8, length: 5 },
        { offset: 23, length: 1 },
      ],
    });
  });

  it('does not quote endless names, and takes no name from Object.prototype', () => {
    const long = parseEventSpec('p'.repeat(100_000), catalogue);
    expect(long.outcome === 'problems' && long.problems[0]!.wrong.length).toBeLessThan(100);
    expect(parseEventSpec('constructor#toString', catalogue).outcome).toBe('problems');
    expect(parseEventSpec('__proto__', catalogue).outcome).toBe('problems');
  });

  it('accepts models of other servers if the configuration names them', () => {
    expect(parseEventSpec('spam_waves', catalogue).outcome).toBe('problems');
    expect(parseEventSpec('spam_waves#create', createCatalogue(['spam_waves'])).outcome).toBe('ok');
  });

  it('points into its text, whatever that is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z_#,;* ]*$/)), (text) => {
        const parsed = parseEventSpec(text, catalogue);
        if (parsed.outcome === 'ok') return;
        for (const { offset, length } of parsed.problems) {
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(offset + length).toBeLessThanOrEqual(text.length);
        }
      }),
    );
  });
});

describe('the union of event specs', () => {
  const specs = fc.array(
    fc
      .constantFrom(...catalogue.names)
      .chain((model) => {
        const types = fc.uniqueArray(fc.constantFrom(...typesOf(catalogue.model(model))), { minLength: 1 });
        return fc.tuple(fc.constant(model), types);
      })
      .map(([model, types]) => spec(`${model}#${types.join(',')}`)),
  );

  it('contains each model and type of any of them once, and its text is parsed to the same spec', () => {
    fc.assert(
      fc.property(specs, (list) => {
        const union = unionSpecs(list);
        const pairs = new Set(
          list.flatMap((one) => [...one].flatMap(([model, types]) => [...types].map((t) => `${model}#${t}`))),
        );
        expect(new Set([...union].flatMap(([model, types]) => [...types].map((t) => `${model}#${t}`)))).toEqual(pairs);
        if (list.length > 0) expect(spec(formatEventSpec(union))).toEqual(new Map([...union]));
        expect(formatEventSpec(unionSpecs([...list].reverse()))).toBe(formatEventSpec(union));
      }),
    );
  });

  it('of nothing is empty text', () => {
    expect(formatEventSpec(unionSpecs([]))).toBe('');
  });

  it('changes none of them', () => {
    const one = spec('posts#create');
    unionSpecs([one, spec('posts#update')]);
    expect(formatEventSpec(one)).toBe('posts#create');
  });
});
