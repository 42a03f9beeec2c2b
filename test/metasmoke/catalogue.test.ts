import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pluralize, singularize, underscore } from '../../src/catalogue/inflect.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { isPrivateColumn } from '../../src/metasmoke/private-columns.ts';

/** metasmoke's own list of models from its schema, in a file beside the checkout; the file may be missing. */
const list = new URL('../../../shared/models.json', import.meta.url);

const lists = ['posts.tags', 'review_queues.responses'];

describe('the catalogue', () => {
  const catalogue = createCatalogue();

  it('knows the models of metasmoke, ref and the source, sorted', () => {
    expect(catalogue.names).toHaveLength(33);
    expect(catalogue.names).toEqual([...catalogue.names].sort());
    expect(catalogue.names).toContain('ref');
  });

  it.skipIf(!existsSync(list))('equals the list from the schema, without private columns', () => {
    const expected: Record<string, { class: string; fields: Record<string, string> }> = JSON.parse(
      readFileSync(list, 'utf8'),
    );
    for (const [name, model] of Object.entries(expected)) {
      const fields = Object.fromEntries(
        Object.entries(model.fields)
          .filter(([column]) => !isPrivateColumn(name, column))
          // The schema has the text from which Rails makes the list.
          .map(([column, type]) => [column, lists.includes(`${name}.${column}`) ? 'list' : type]),
      );
      expect({ class: catalogue.model(name)?.class, fields: { ...catalogue.model(name)?.fields } }).toEqual({
        class: model.class,
        // Lookout knows the site by its id.
        fields: name === 'posts' ? { ...fields, site: 'string' } : fields,
      });
    }
    expect(catalogue.names.filter((name) => name !== 'ref' && name !== 'source')).toEqual(Object.keys(expected).sort());
  });

  it('finds a model by its class', () => {
    expect(catalogue.byClass('FlagLog')?.name).toBe('flag_logs');
    expect(catalogue.byClass('APIKey')?.name).toBe('api_keys');
    expect(catalogue.byClass('Nothing')).toBeUndefined();
    expect(catalogue.byClass('constructor')).toBeUndefined();
  });

  it('has a singular for each model', () => {
    const singulars = catalogue.names.map((name) => catalogue.model(name)?.singular);
    expect(singulars).toContain('abuse_report_status');
    expect(singulars).toContain('api_key');
    for (const name of catalogue.names.filter((name) => name !== 'ref' && name !== 'source')) {
      expect(pluralize(catalogue.model(name)!.singular)).toBe(name);
      expect(underscore(catalogue.model(name)!.class)).toBe(catalogue.model(name)!.singular);
    }
  });

  it('has ref as a model without rows', () => {
    expect(catalogue.model('ref')).toMatchObject({ class: 'Ref', singular: 'ref', hasRows: false });
    expect(catalogue.byClass('Ref')?.name).toBe('ref');
  });

  it('does not take a name from Object.prototype for a field', () => {
    expect(catalogue.model('posts')!.fields.constructor).toBeUndefined();
  });

  it('accepts further models by name, for other servers', () => {
    const wider = createCatalogue(['spam_waves', 'posts', 'categories']);
    expect(wider.model('spam_waves')).toMatchObject({ class: 'SpamWave', singular: 'spam_wave', hasRows: true });
    expect(Object.keys(wider.model('spam_waves')!.fields)).toEqual([]);
    expect(wider.byClass('SpamWave')?.name).toBe('spam_waves');
    expect(wider.byClass('Category')?.name).toBe('categories');
    expect(wider.model('posts')?.fields.title).toBe('string');
    expect(createCatalogue().model('spam_waves')).toBeUndefined();
  });
});

describe('the inflector', () => {
  it.each([
    ['post', 'posts'],
    ['abuse_report_status', 'abuse_report_statuses'],
    ['category', 'categories'],
    ['box', 'boxes'],
    ['day', 'days'],
  ])('turns %s into %s and back', (singular, plural) => {
    expect(pluralize(singular)).toBe(plural);
    expect(singularize(plural)).toBe(singular);
  });
});
