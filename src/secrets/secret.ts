import { inspect } from 'node:util';

/**
 * A token or key that cannot be printed by accident: `String()`, JSON and `console.log` show `[secret]`.
 * `from` says where it came from ("config.yaml:3:8, ${METASMOKE_KEY}"), which is what an error message names instead.
 */
export class Secret {
  readonly #value: string;
  readonly from: string;

  constructor(value: string, from: string) {
    this.#value = value;
    this.from = from;
  }

  /** The value itself, for the one place that sends it. */
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
