import { createTestApp, type TestApp } from './test-app.ts';

export const kindRoom = 'matrix:!a:a.org';

/** Creates an app whose one room shows `model#type` of each event, with the `version` of its row; `source`: more keys of the source. */
export function createKindApp(subscriptions: readonly object[], source?: string): Promise<TestApp> {
  const all = subscriptions.map((one) => ({ ...one, rooms: kindRoom, template: 'kind' }));
  return createTestApp({
    config: `subscriptions: ${JSON.stringify(all)}`,
    store: 'file',
    files: { 'my-templates/kind.hbs': '{{event.model}}#{{event.type}}{{wrap object.version " v"}}' },
    ...(source !== undefined && { source }),
  });
}
