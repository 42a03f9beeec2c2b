import { expect, it } from 'vitest';
import type { CardMessage } from '../../../src/outbox/compose/draw.ts';
import { fitTogether } from '../../../src/outbox/compose/fit-together.ts';
import type { Message } from '../../../src/render/message.ts';
import { messageOf, paragraph } from '../../../src/render/say.ts';

const slot = (title: string, isOver: boolean, color: string | null = null): CardMessage => {
  const message = messageOf([paragraph('body')]);
  return { message: { ...message, title: [{ kind: 'text', text: title }], color }, isOver };
};

/** A platform on which `room` units fit: a title takes one, a body another. Shows `a` for a title alone and `a+` with its body. */
const platform = (room: number) => (messages: readonly Message[]) => {
  let units = 0;
  const carried = messages.filter(({ body }) => {
    units += body.length === 0 ? 1 : 2;
    return units <= room;
  }).length;
  const titles = messages.map(({ title, body }) => {
    const [first] = title ?? [];
    return `${first?.kind === 'text' ? first.text : ''}${body.length === 0 ? '' : '+'}`;
  });
  return { payload: titles.join(' '), carried };
};

it('cuts cards that are over to their titles first, whatever their color is', () => {
  const slots = [slot('a', false, '#8b949e'), slot('b', true, '#f0883e'), slot('c', false), slot('d', true)];
  expect(fitTogether(slots, platform(8))).toBe('a+ b+ c+ d+');
  expect(fitTogether(slots, platform(7))).toBe('a+ b c+ d+');
  expect(fitTogether(slots, platform(6))).toBe('a+ b c+ d');
  expect(fitTogether(slots, platform(5))).toBe('a b c+ d');
});
