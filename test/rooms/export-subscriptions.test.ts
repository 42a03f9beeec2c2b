// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${NAME}` is what a configuration says

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { platforms } from '../../src/adapters/platforms.ts';
import { createLines } from '../../src/config/lines.ts';
import { readYaml } from '../../src/config/read-yaml.ts';
import { createReport } from '../../src/config/report.ts';
import { getList, getText } from '../../src/config/tree.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { exportSubscriptions } from '../../src/rooms/export-subscriptions.ts';
import type { StoredSubscription } from '../../src/rooms/stored-subscriptions.ts';
import { compileCondition } from '../../src/router/condition.ts';
import { read } from '../config/config-files.ts';
import { hostileText, obeyedIn } from '../support/hostile-text.ts';

const one = (more: Partial<StoredSubscription>): StoredSubscription => {
  const text = { events: 'statistics#create', where: null, template: null, address: 'console:hq' };
  return { id: '0123456789ab', author: '@a:b.org', createdAt: 5, ...text, ...more };
};

const environment = { KEY: 'a-key-that-nobody-may-see', A: '', METASMOKE_KEY: 'another' };
const head = 'source: { url: demo }\nstore: memory\nrooms: { hq: "console:hq" }\n';

it('puts no secret into a condition that names its variable', () => {
  const where = 'true || "${METASMOKE_KEY}" == "y"';
  const { config, said } = read(head + exportSubscriptions([one({ where })]), { environment });
  expect(said).toEqual([]);
  expect(config?.subscriptions[0]?.where?.source).toBe(where);
});

it('escapes characters that a terminal would obey', () => {
  expect(exportSubscriptions([one({ where: 'true || "ä\u009b2J\u202e" == ""' })])).toBe(
    'subscriptions:\n  - events: statistics#create\n    where: "true || \\"\\u00e4\\u009b2J\\u202e\\" == \\"\\""\n    rooms: console:hq\n',
  );
});

it('leaves letters of every script unchanged', () => {
  expect(exportSubscriptions([one({ where: 'true || "ä שלום" == ""' })])).toContain('ä שלום');
});

it('gives the same condition back when it is pasted into a configuration', () => {
  const models = [createCatalogue().model('statistics')!];
  fc.assert(
    fc.property(hostileText, (text) => {
      const where = `true || """${text.replaceAll(/["\\]/g, '')}""" == "y"`;
      fc.pre(compileCondition(where, models).outcome === 'ok');
      const yaml = exportSubscriptions([one({ where })]);
      const { config, said } = read(head + yaml, { environment });
      expect(said).toEqual([]);
      expect(config?.subscriptions[0]?.where?.source).toBe(where);
      expect(obeyedIn(yaml)).toBeNull();
    }),
    { numRuns: 50 },
  );
});

it('gives every text back, whatever it is and whatever is set', () => {
  fc.assert(
    fc.property(hostileText, hostileText, hostileText, hostileText, (events, where, template, address) => {
      const yaml = exportSubscriptions([one({ events, where, template, address }), one({})]);
      expect(obeyedIn(yaml)).toBeNull();
      const file = Buffer.from(yaml).toString();
      const lines = createLines(file);
      const report = createReport('pasted.yaml', lines);
      const top = readYaml(file, { lines, environment, report, platforms });
      expect(report.problems).toEqual([]);
      const items = top?.kind === 'map' ? (getList(top, 'subscriptions')?.items ?? []) : [];
      const texts = items.map((item) =>
        item.kind === 'map' ? ['events', 'where', 'template', 'rooms'].map((name) => getText(item, name)?.value) : [],
      );
      expect(texts).toEqual([
        [events, where, template, address],
        ['statistics#create', undefined, undefined, 'console:hq'],
      ]);
    }),
    { examples: [['', ' \n', '', '']] },
  );
});
