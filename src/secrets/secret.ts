import { inspect } from 'node:util';

/** Number of values that are kept hidden. An older one that is not in use has ended long ago. */
const mostValues = 8;

/** The file that a secret is in. */
export interface SecretFile {
  /** Its path, as it was written. */
  readonly name: string;
  /** Returns what it holds now; null if that is not a secret. */
  readonly read: () => string | null;
}

/**
 * A token or key that cannot be printed by accident: `String()`, JSON and `console.log` show `[secret]`. `from` is its
 * origin ("config.yaml:3:8, ${METASMOKE_KEY}"), which error messages name instead. Its value may change while Lookout
 * runs; earlier ones stay hidden.
 */
export class Secret {
  #from: string;
  #file: SecretFile | null;
  /** The one that was hidden last is the last. */
  #values: readonly string[];
  #value: string;
  /** The value that was read last, from the configuration or the file. */
  #read: string;

  constructor(value: string, from: string, file: SecretFile | null = null) {
    this.#from = from;
    this.#file = file;
    this.#value = value;
    this.#read = value;
    this.#values = [value];
  }

  get from(): string {
    return this.#from;
  }

  /** The file that it is in; null: it is not in a file of its own. */
  get file(): SecretFile | null {
    return this.#file;
  }

  /** Returns the value itself; only for the code that sends it. */
  reveal(): string {
    return this.#value;
  }

  /** The value, earlier ones, and those that may become it: all that must not be shown. A new list when it changes. */
  get values(): readonly string[] {
    return this.#values;
  }

  /** The value that the configuration, or the file, gives. */
  get given(): string {
    return this.#read;
  }

  /** Hides a value that is not yet in use, as long as it is not stored. */
  hide(value: string): void {
    if (this.#values.at(-1) === value) return;
    const values = [...this.#values.filter((known) => known !== value), value];
    // The one in use stays, however old it is.
    while (values.length > mostValues) values.splice(values[0] === this.#value ? 1 : 0, 1);
    this.#values = values;
  }

  /** Gives it another value. */
  renew(value: string): void {
    this.hide(value);
    this.#value = value;
  }

  /** Reads its file again. Returns true if that holds another value than before, which is now the secret's. */
  readAgain(): boolean {
    const value = this.file?.read() ?? null;
    if (value === null || value === this.#read) return false;
    this.#read = value;
    this.renew(value);
    return true;
  }

  /** Takes over the value and the origin of another one, for the parts that hold this one. */
  become(other: Secret): void {
    this.#from = other.from;
    this.#file = other.file;
    if (other.given === this.#read) return;
    this.#read = other.given;
    this.renew(other.given);
  }

  /** The way in which a new value is taken over: variables are read at the start alone. */
  get takenOverBy(): 'reload' | 'restart' {
    return this.#from.includes('${') ? 'restart' : 'reload';
  }

  /** Says what to do with a new one if a server refuses it, for people. `retryMinutes`: the time between two attempts with it. */
  remedy(retryMinutes: number): string {
    return this.file === null
      ? `put it in place of the one from ${this.from}, and ${this.takenOverBy}`
      : `put it into ${this.file.name}, which is read again every ${retryMinutes} min`;
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
