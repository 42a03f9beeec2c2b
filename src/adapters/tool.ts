import type { Network } from '../http/network.ts';
import type { Clock } from '../time/clock.ts';
import type { Json } from '../words.ts';
import type { Credentials, EncryptionStore } from './platform.ts';
import type { Questions, SetupOption } from './setup.ts';

/** A command of a platform's own for its operator: `lookout matrix verify`. */
export interface PlatformTool<Settings extends object = object> {
  /** `verify` */
  readonly name: string;
  readonly says: string;
  readonly options: readonly SetupOption[];
  /** `shared`: it also works while Lookout runs on the store; `alone`: it is refused then. */
  readonly store: 'shared' | 'alone';
  /** Throws a `SetupError` for what a person must mend. */
  run(settings: Settings, parts: ToolParts): Promise<ToolResult>;
}

export interface ToolParts {
  readonly questions: Questions;
  /** The values of the options that were given, by their names in camel case. */
  readonly given: Readonly<Record<string, string | boolean | undefined>>;
  readonly encryption: EncryptionStore;
  readonly credentials: Pick<Credentials, 'load'>;
  readonly network: Network;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Shows a line to the person. */
  readonly say: (text: string) => void;
}

export interface ToolResult {
  /** False: the command exits with 1. */
  readonly isGood: boolean;
  /** A label and a text each; one without a label is a sentence. */
  readonly lines: readonly (readonly [label: string, text: string])[];
  readonly json: Json;
}
