import { expect, it } from 'vitest';
import { labelOf } from '../../../src/outbox/compose/digest-entries.ts';

it('a subject without a title is named in words, with what happened to it', () => {
  const labels = [
    ['abuse_report:5', 'abuse_reports', 'create'],
    ['smoke_detector:7', 'smoke_detectors', 'silent'],
    ['statistic:9', 'statistics', 'quota_low'],
    ['post:1', 'feedbacks', 'create'],
    ['post:1', 'deletion_logs', 'destroy'],
    ['source:metasmoke', 'ref', 'update'],
  ] as const;
  expect(labels.map(([subject, model, type]) => labelOf({ subject, model, type }))).toEqual([
    'abuse report 5 created',
    'smoke detector 7 silent',
    'statistic 9 quota low',
    'post 1: feedback created',
    'post 1: deletion log removed',
    'source metasmoke: ref changed',
  ]);
});
