import { excerpt } from '../text/excerpt.ts';
import { shownLine } from '../text/shown.ts';
import type { Json } from '../words.ts';
import type { Difference } from './expectations.ts';
import type { ExplainedEvent, ExplainedRoom, TriedSubscription } from './explanation.ts';

/** Longest value that is shown, UTF-16 units. */
const mostOfValue = 60;

/** Returns differences from expectations as lines: `-` was expected, `+` was not. `file`: that of the expectations. */
export function differenceText(file: string, { place, event, rooms }: Difference): string {
  if (event === null) return `${file}:${place}: no event is like this\n`;
  const found = new Map(event.rooms.map((room) => [room.room, room]));
  const reason = (name: string) => {
    const room = found.get(name);
    return room === undefined ? (event.leftOut ?? '') : outcomeText(room);
  };
  const lines = rooms.map((one) => {
    if (one.kind === 'template')
      return `- ${one.room}: template ${one.expected}\n+ ${one.room}: template ${one.actual}`;
    return `${one.kind === 'missing' ? '-' : '+'} ${one.room}  (${reason(one.room)})`;
  });
  return `${[`${file}:${place}: ${headOf(event)}`, ...lines].join('\n')}\n`;
}

/** Returns an explained event as lines: the event, then a line for each room, then one for each subscription that did not match. */
export function explanationText(explained: ExplainedEvent): string {
  const { leftOut, rooms, at } = explained;
  const head = `${headOf(explained)}, ${at}`;
  if (leftOut !== null) return `${head}\n  no room gets it: ${shownLine(leftOut)}\n`;
  const width = Math.max(0, ...rooms.map(({ room }) => room.length));
  return `${[head, ...rooms.flatMap((room) => roomLines(room, width))].join('\n')}\n`;
}

function headOf({ line, event, subject, origin }: ExplainedEvent): string {
  const place = line === null ? 'by the clock' : `line ${line}`;
  return `${place}: ${event} ${subject}${origin === 'derived' ? ', derived' : ''}`;
}

function roomLines(explained: ExplainedRoom, width: number): readonly string[] {
  const { room, unmatched } = explained;
  const indent = ' '.repeat(width + 6);
  const name = `  ${room.padEnd(width)}  `;
  const others = unmatched.map((one) => `${indent}  not by ${subscriptionText(one)}`);
  return [`${name}${outcomeText(explained)}`, ...others];
}

/** `yes: by spam (line 4), template post` */
function outcomeText({ gets, why, as, by }: ExplainedRoom): string {
  if (by === null) return `no: ${shownLine(why)}`;
  const { template, conditionFailed } = by;
  const form = as === null || as === 'message' ? '' : `, as ${as === 'edit of a card' ? 'an' : 'a'} ${as}`;
  const counts = conditionFailed === null ? '' : `; its condition failed and counts as matched (${conditionFailed})`;
  const because = why === 'it matched' ? '' : `${shownLine(why)}; `;
  return `${gets ? 'yes' : 'no'}: ${because}by ${subscriptionText(by)}, template ${template}${form}${shownLine(counts)}`;
}

function subscriptionText({ id, line, where, values }: TriedSubscription): string {
  const origin = line === null ? `${id} (made by a command)` : `${id} (line ${line})`;
  if (where === null) return origin;
  const shown = Object.entries(values).map(([name, value]) => `${name} = ${valueText(value)}`);
  return `${origin} where ${shownLine(where)}${shown.length === 0 ? '' : ` [${shown.join(', ')}]`}`;
}

const valueText = (value: Json) => shownLine(excerpt(JSON.stringify(value), mostOfValue));
