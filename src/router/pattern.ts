import { RE2JS } from 're2js';
import { limits } from './condition-language.ts';

/**
 * Time per UTF-16 unit above which a search is building states that re2js keeps, ms; otherwise a unit takes 10 ns
 * (measured).
 */
const KEEPS_MS_PER_UNIT = 50e-6;
/**
 * Total building time after which everything that re2js keeps is released, ms. It builds some 65 MB a second
 * (measured).
 */
const MOST_BUILDING_MS = 500;

const compiled = new Set<Pattern>();
let buildingMs = 0;

/**
 * A pattern of a condition. A search is linear in the length of the text. The states that re2js builds, up to 13 MB per
 * pattern, are released from time to time, for all patterns together.
 */
export class Pattern {
  readonly #source: string;
  #compiled: RE2JS | null;
  /** The possible cost of one unit of text. */
  readonly size: number;

  /** @throws RE2JSException if the source is not in RE2 syntax. */
  constructor(source: string) {
    this.#source = source;
    const read = RE2JS.compile(source);
    this.size = read.programSize();
    this.#compiled = null;
  }

  /** Returns true if it matches anywhere in the first 32 kB of a text. */
  test(text: string): boolean {
    this.#compiled ??= RE2JS.compile(this.#source);
    compiled.add(this);
    const searched = text.length > limits.patternText ? text.slice(0, limits.patternText) : text;
    const began = performance.now();
    const found = this.#compiled.test(searched);
    noteBuilding(performance.now() - began - searched.length * KEEPS_MS_PER_UNIT);
    return found;
  }

  /** Releases what re2js built; the next search builds it again. */
  forget(): void {
    this.#compiled = null;
  }
}

/** Adds to the time for which patterns built states. The caller does this for a search that was stopped in the middle. */
export function noteBuilding(ms: number): void {
  if (ms <= 0) return;
  buildingMs += ms;
  if (buildingMs < MOST_BUILDING_MS) return;
  for (const pattern of compiled) pattern.forget();
  compiled.clear();
  buildingMs = 0;
}
