import type { Templates } from '../render/load-templates.ts';
import { code, paragraph } from '../render/say.ts';
import { nearest } from '../text/nearest.ts';
import { type Refused, refused } from './command.ts';

/** Returns the refusal of a template that does not exist, with the nearest name; null: it exists. */
export function refusalOfTemplate(name: string, templates: Templates): Refused | null {
  if (templates.get(name) !== undefined) return null;
  const meant = nearest(name, templates.names);
  const right = meant === null ? `templates are ${templates.names.join(', ')}` : `did you mean ${meant}?`;
  return refused(paragraph('There is no template ', code(name), `: ${right}`));
}
