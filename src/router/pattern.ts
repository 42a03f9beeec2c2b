import { RE2JS } from 're2js';
import { limits } from './condition-language.ts';

/** A search that takes longer than this for each UTF-16 unit builds states that re2js keeps, in milliseconds; without it takes 10 ns (measured). */
const KEEPS_MS_PER_UNIT = 50e-6;
/** After so long a time of building, all that re2js keeps is let go: some 65 MB a second, measured. Milliseconds. */
const MOST_BUILDING_MS = 500;

const compiled = new Set<Pattern>();
let buildingMs = 0;

/**
 * A pattern of a condition. Linear in the length of the text; what re2js builds while it searches, up to 13 MB for each pattern, is
 * let go from time to time, for all patterns together.
 */
export class Pattern {
  readonly #source: string;
  #compiled: RE2JS | null;
  /** The possible cost of one unit of text. */
  readonly size: number;

  /** @throws RE2JSException if the source is not RE2 syntax. */
  constructor(source: string) {
    this.#source = source;
    const read = RE2JS.compile(source);
    this.size = read.programSize();
    this.#compiled = null;
  }

  /** True if it is found anywhere in the first 32 kB of a text. */
  test(text: string): boolean {
    this.#compiled ??= RE2JS.compile(this.#source);
    compiled.add(this);
    const searched = text.length > limits.patternText ? text.slice(0, limits.patternText) : text;
    const began = performance.now();
    const found = this.#compiled.test(searched);
    noteBuilding(performance.now() - began - searched.length * KEEPS_MS_PER_UNIT);
    return found;
  }

  /** Lets go of what re2js built; the next search builds it anew. */
  forget(): void {
    this.#compiled = null;
  }
}

/** Notes how long patterns built states; a search that was stopped in the middle cannot do that by itself. */
export function noteBuilding(ms: number): void {
  if (ms <= 0) return;
  buildingMs += ms;
  if (buildingMs < MOST_BUILDING_MS) return;
  for (const pattern of compiled) pattern.forget();
  compiled.clear();
  buildingMs = 0;
}
