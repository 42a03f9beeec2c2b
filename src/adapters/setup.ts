import type { Network } from '../http/network.ts';
import type { Clock } from '../time/clock.ts';

/** The way in which an operator gets an account of a platform into the configuration: `lookout login <platform>`, and a part of `lookout init`. */
export interface PlatformSetup {
  /** The options of `lookout login <platform>`; each is the answer to a question that is not asked then. */
  readonly options: readonly SetupOption[];
  /** The keys of the secrets that a login may give: `token`. */
  readonly secrets: readonly string[];
  /** The keys of those that a login makes once: they stay as they are when another token is made. */
  readonly madeOnce: readonly string[];
  /** The way to find the address of a room, for people. */
  readonly roomHelp: string;
  /** Makes an account, or asks for its token. Throws a `SetupError` for what a person must mend. */
  logIn(parts: SetupParts): Promise<NewAccount>;
}

export interface SetupOption {
  /** As commander writes it: `--user <name>`. */
  readonly flags: string;
  readonly says: string;
}

export interface SetupParts {
  readonly questions: Questions;
  /** The keys of the secrets that are in their files already, and stay. */
  readonly kept: readonly string[];
  /** The values of the options that were given, by their names in camel case. */
  readonly given: Readonly<Record<string, string | boolean | undefined>>;
  readonly network: Network;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Shows a line to the person. */
  readonly say: (text: string) => void;
}

/** An account that was logged in. */
export interface NewAccount {
  /** Its name for people: `@bot:example.org`. */
  readonly name: string;
  /** The keys of `chats.<platform>` beside the secrets. */
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: readonly NewSecret[];
}

/** A secret of a new account, which goes into a file of its own. */
export interface NewSecret {
  /** Its key in `chats.<platform>`: `token`, which `token_file` is the twin of. */
  readonly key: string;
  readonly value: string;
  /** Called when it is in its file. Returns why it is of no use, and its file is removed then; null: it is in use. */
  readonly activate?: () => Promise<string | null>;
}

/** The person at the terminal, or the lines on standard input. */
export interface Questions {
  /** True if a person is asked: a wrong answer is then asked for again. */
  readonly isPerson: boolean;
  /** Returns the answer, without white space around it; throws a `SetupError` if there is none or it is wrong. */
  ask(question: Question): Promise<string>;
  /** Returns a secret, which is not shown while it is typed. */
  askSecret(question: Question): Promise<string>;
  confirm(question: Question & { readonly byDefault: 'yes' | 'no' }): Promise<boolean>;
}

export interface Question {
  readonly text: string;
  /** The option that answers the question without a person: `--user`. Null: nothing but a line on standard input. */
  readonly option: string | null;
  /** The answer that an option gave; undefined: none did. */
  readonly given?: string | undefined;
  /** The answer of an empty line; without it an empty line is asked again. */
  readonly byDefault?: string;
  /** Returns what is wrong with an answer, and what would be right; null: it will do. */
  readonly check?: (answer: string) => string | null;
}

/** A person must act: there is no answer, or it is wrong, or a server refuses it. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}
