import { z } from 'zod';
import { configShape } from './shape.ts';

/** The shape of a configuration as JSON Schema (draft 2020-12), for editors: keys, kinds of values, descriptions with defaults. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  return { ...z.toJSONSchema(configShape), title: 'Lookout configuration' };
}
