import type { Catalogue } from '../catalogue/catalogue.ts';
import { type EventSpec, parseEventSpec } from '../catalogue/event-spec.ts';
import { type Condition, type ConditionResult, compileCondition } from '../router/condition.ts';
import { createJudge, type Judge } from '../router/judge.ts';
import { modelsOf } from '../router/spec-models.ts';
import type { Event, EventObject } from '../words.ts';
import type { ActiveMute } from './active-mute.ts';

/** An active mute, ready to be tried on events. */
export interface CompiledMute extends ActiveMute {
  /** Null: all events of the room. */
  readonly spec: EventSpec | null;
  readonly condition: Condition | null;
  /** The events that it lets through; null: none. */
  readonly exception: EventSpec | null;
}

export type MuteCompilation =
  | { readonly outcome: 'ok'; readonly mute: CompiledMute }
  /** A mute stored by another version. `mute` stops no events. */
  | { readonly outcome: 'unreadable'; readonly mute: CompiledMute; readonly reason: string };

export function compileMute(mute: ActiveMute, catalogue: Catalogue): MuteCompilation {
  const { events, where, except } = mute;
  const exception = except === null ? null : parseEventSpec(except, catalogue);
  if (exception?.outcome === 'problems') return unreadable(mute, exception.problems[0]!.wrong);
  const whole: CompiledMute = { ...mute, spec: null, condition: null, exception: exception?.spec ?? null };
  if (events === null) return { outcome: 'ok', mute: whole };
  const parsed = parseEventSpec(events, catalogue);
  if (parsed.outcome === 'problems') return unreadable(mute, parsed.problems[0]!.wrong);
  const { spec } = parsed;
  if (where === null) return { outcome: 'ok', mute: { ...whole, spec } };
  const compiled = compileCondition(where, modelsOf(spec, catalogue));
  if (compiled.outcome === 'problems') return unreadable(mute, compiled.problems[0]!.wrong);
  return { outcome: 'ok', mute: { ...whole, spec, condition: compiled.condition } };
}

function unreadable(mute: ActiveMute, reason: string): MuteCompilation {
  return { outcome: 'unreadable', mute: { ...mute, spec: new Map(), condition: null, exception: null }, reason };
}

/** An event, and the values of its subject; they may be null if no condition asks about them (`asksSubject`). */
export interface Judged {
  readonly event: Event;
  readonly subject: EventObject | null;
}

/** Returns true if the condition of a mute asks about the subject of events. */
export function asksSubject(mutes: readonly CompiledMute[]): boolean {
  return mutes.some(({ condition }) => condition !== null && condition.ofSubject !== null);
}

/**
 * Returns the mute that stops an event now, or null; of several, the one that ends last. `onFailed` gets the reason for
 * each condition that could not be evaluated, which counts as not matched.
 */
export function coveringMute(
  mutes: readonly CompiledMute[],
  { event, subject }: Judged,
  now: number,
  onFailed: (reason: string) => void,
): CompiledMute | null {
  let last: CompiledMute | null = null;
  const judge = createJudge(event, subject);
  for (const mute of mutes) {
    if (mute.until <= now || (last !== null && mute.until <= last.until)) continue;
    const result = isExcepted(mute, event) ? no : covers(mute, event, judge);
    if (result.outcome === 'failed') onFailed(result.reason);
    else if (result.value) last = mute;
  }
  return last;
}

/** Returns the mutes that would stop an event without their exception. */
export function lettingThrough(mutes: readonly CompiledMute[], { event, subject }: Judged): readonly CompiledMute[] {
  const judge = createJudge(event, subject);
  return mutes.filter((mute) => {
    const result = isExcepted(mute, event) ? covers(mute, event, judge) : no;
    return result.outcome === 'value' && result.value;
  });
}

const no: ConditionResult = { outcome: 'value', value: false };

/** Returns true if a mute names an event in its exception, whether it would stop it otherwise or not. */
function isExcepted({ exception }: CompiledMute, event: Event): boolean {
  return exception !== null && namesEvent(exception, event);
}

function covers({ spec, condition }: CompiledMute, event: Event, judge: Judge): ConditionResult {
  const isNamed = spec === null || namesEvent(spec, event);
  return isNamed && condition !== null ? judge(condition) : { outcome: 'value', value: isNamed };
}

function namesEvent(spec: EventSpec, { model, type }: Event): boolean {
  return spec.get(model)?.has(type) === true;
}
