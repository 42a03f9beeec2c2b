import { expect, it } from 'vitest';
import { createTestApp } from '../support/test-app.ts';

it('says at its start through which proxies connections go, without their passwords', async () => {
  const app = await createTestApp({
    config: 'rooms: { hq: console:hq }\nsubscriptions: [{ events: posts, rooms: hq }]',
    environment: { https_proxy: 'http://bot:hunter22@secure.test:3128', HTTP_PROXY: 'plain.test' },
  });
  expect(app.said.slice(0, 2)).toEqual([
    'info connections over https and wss go through the proxy secure.test:3128 (HTTPS_PROXY)',
    'info connections over http and ws go through the proxy plain.test:80 (HTTP_PROXY)',
  ]);
});
