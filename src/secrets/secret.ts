import { inspect } from 'node:util';

/**
 * A token or key that cannot be printed by accident: `String()`, JSON and `console.log` show `[secret]`. `from` is its
 * origin ("config.yaml:3:8, ${METASMOKE_KEY}"), which error messages name instead.
 */
export class Secret {
  readonly #value: string;
  readonly from: string;

  constructor(value: string, from: string) {
    this.#value = value;
    this.from = from;
  }

  /** Returns the value itself; only for the code that sends it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
