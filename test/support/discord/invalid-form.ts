import { fail, type Reply } from './exchange.ts';

/** A fault of a form, and its place: `embeds.0.title`. */
export interface Wrong {
  readonly at: string;
  readonly code: string;
  readonly message: string;
}

/** Returns Discord's tree of faults: https://docs.discord.com/developers/reference#error-messages */
export function invalidForm(wrongs: readonly Wrong[]): Reply {
  const tree: Record<string, unknown> = {};
  for (const { at, code, message } of wrongs) {
    let node = tree;
    for (const step of at.split('.')) {
      node[step] ??= {};
      node = node[step] as Record<string, unknown>;
    }
    node._errors = [...((node._errors as unknown[] | undefined) ?? []), { code, message }];
  }
  return fail(400, 50035, 'Invalid Form Body', tree);
}

export const tooLong = (at: string, most: number): Wrong => ({
  at,
  code: 'BASE_TYPE_MAX_LENGTH',
  message: `Must be ${most} or fewer in length.`,
});
export const required = (at: string): Wrong => ({ at, code: 'BASE_TYPE_REQUIRED', message: 'This field is required' });
export const noText = (at: string): Wrong => ({
  at,
  code: 'STRING_TYPE_CONVERT',
  message: 'Could not interpret value as string.',
});
export const noObject = (at: string): Wrong => ({
  at,
  code: 'MODEL_TYPE_CONVERT',
  message: 'Only dictionaries may be used in a ModelType',
});
export const noList = (at: string): Wrong => ({
  at,
  code: 'LIST_TYPE_CONVERT',
  message: 'Only iterables may be used in a ListType',
});
export const noChoice = (at: string, choices: readonly string[]): Wrong => ({
  at,
  code: 'BASE_TYPE_CHOICES',
  message: `Value must be one of {${choices.map((each) => `'${each}'`).join(', ')}}.`,
});

export type Fields = Record<string, unknown>;
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
