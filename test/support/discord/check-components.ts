import { type Fields, isFields, noList, required, tooLong, type Wrong } from './invalid-form.ts';

/** https://discord.com/developers/docs/components/reference: rows of buttons, the only components of the double. */
const mostRows = 5;
const mostInRow = 5;
const mostId = 100;
const mostLabel = 80;

/** Yields the faults for which Discord would refuse the buttons of a message. */
export function* checkComponents(value: unknown): Generator<Wrong> {
  if (value === undefined || value === null) return;
  if (!Array.isArray(value)) return yield noList('components');
  if (value.length > mostRows) yield tooLong('components', mostRows);
  const ids = new Set<unknown>();
  for (const [index, row] of value.entries()) {
    const at = `components.${index}`;
    const buttons = isFields(row) && row.type === 1 && Array.isArray(row.components) ? row.components : [];
    if (buttons.length === 0) yield required(`${at}.components`);
    if (buttons.length > mostInRow) yield tooLong(`${at}.components`, mostInRow);
    for (const [position, each] of buttons.entries())
      yield* checkButton(isFields(each) ? each : {}, `${at}.components.${position}`, ids);
  }
}

function* checkButton({ type, style, label, custom_id: id }: Fields, at: string, ids: Set<unknown>): Generator<Wrong> {
  if (type !== 2) yield { at: `${at}.type`, code: 'BASE_TYPE_CHOICES', message: 'The double knows buttons alone' };
  if (![1, 2, 3, 4].includes(Number(style))) yield required(`${at}.style`);
  if (String(label ?? '') === '') yield required(`${at}.label`);
  if (String(label ?? '').length > mostLabel) yield tooLong(`${at}.label`, mostLabel);
  if (typeof id !== 'string' || id === '') yield required(`${at}.custom_id`);
  else if (id.length > mostId) yield tooLong(`${at}.custom_id`, mostId);
  if (ids.has(id))
    yield {
      at: `${at}.custom_id`,
      code: 'COMPONENT_CUSTOM_ID_DUPLICATED',
      message: 'Component custom id cannot be duplicated',
    };
  ids.add(id);
}
