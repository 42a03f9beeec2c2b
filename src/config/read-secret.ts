import { Secret } from '../secrets/secret.ts';
import { readTextFile } from '../text/read-text-file.ts';
import { type Context, resolvePath, textError } from './context.ts';
import { getText, type Mapping, type Text } from './tree.ts';

/** Longer than any token; a file beyond it is not the one that was meant. */
const maxSecretBytes = 16_384;

/** The secret at `name`, or in the file that its twin `<name>_file` names; null if there is none or it is wrong, which is reported. */
export function readSecret(
  context: Context,
  map: Mapping | null,
  name: 'key' | 'token' | 'refresh_token' | 'store_key' | 'recovery_key' | 'password',
): Secret | null {
  const { report } = context;
  const twin = `${name}_file`;
  const entries = [map?.entries.get(name), map?.entries.get(twin)].filter((entry) => entry !== undefined);
  if (entries.length === 2) {
    const last = Math.max(...entries.map((entry) => entry.keyOffset));
    report.error(last, `both ${name} and ${twin} are here`, 'keep one of them');
    return null;
  }
  const written = getText(map, name);
  const file = getText(map, twin);
  const secret = written ? readWritten(context, written, name) : file ? readFromFile(context, file, name) : null;
  if (secret) context.secrets.push(secret);
  return secret;
}

function readWritten(context: Context, text: Text, name: string): Secret | null {
  const bare = /^\$(\w+)$/.exec(text.written)?.[1];
  if (bare !== undefined) {
    textError(context, text, 0, `$${bare} is not replaced without braces`, `write \${${bare}}`);
    return null;
  }
  const { report, isReadableByOthers } = context;
  const variables = text.variables.map((variable) => `\${${variable.name}}`).join(', ');
  const problem = problemOf(text.value, name);
  if (problem !== null) {
    const isUnset = text.variables.length > 0 && text.value === '';
    // A variable that is not set has been reported; one that is set to nothing has not.
    if (!isUnset || !report.problems.some((known) => samePlace(known, report.position(text.at(0))))) {
      textError(
        context,
        text,
        0,
        `${problem}${variables === '' ? '' : ` (from ${variables})`}`,
        `write the ${name} as it was given to you`,
      );
    }
    return null;
  }
  if (variables === '' && isReadableByOthers) {
    report.warning(
      text.offset,
      `a ${name} is written here, and others can read this file`,
      `chmod 600 it, or write \${…} or ${name}_file instead`,
    );
  }
  return new Secret(text.value, `${report.place(text.offset)}${variables === '' ? '' : `, ${variables}`}`);
}

function samePlace(a: { line: number; column: number }, b: { line: number; column: number }): boolean {
  return a.line === b.line && a.column === b.column;
}

function readFromFile(context: Context, text: Text, name: string): Secret | null {
  const { report } = context;
  const path = resolvePath(context, text.value);
  if (text.value.trim() === '') {
    textError(context, text, 0, `${name}_file is empty`, 'name the file that holds it');
    return null;
  }
  const read = readSecretFile(path, name);
  if (read.outcome === 'wrong') {
    textError(context, text, 0, `${path}: ${read.wrong}`, read.right);
    return null;
  }
  if (read.othersRead !== null)
    report.warning(text.offset, `others can read ${path} (mode ${read.othersRead})`, `chmod 600 ${path}`);
  const again = () => {
    const now = readSecretFile(path, name);
    return now.outcome === 'secret' ? now.value : null;
  };
  return new Secret(read.value, `${report.place(text.offset)}, ${text.written}`, { name: text.written, read: again });
}

export type SecretInFile =
  /** `othersRead`: the file's mode where others can read it, as `chmod` writes it. */
  | { readonly outcome: 'secret'; readonly value: string; readonly othersRead: string | null }
  | { readonly outcome: 'wrong'; readonly wrong: string; readonly right: string };

/** The secret that a file holds, on one line; `name` is what it is called. */
export function readSecretFile(path: string, name: string): SecretInFile {
  const file = readTextFile(path, maxSecretBytes);
  if (file.outcome === 'unreadable') return { outcome: 'wrong', wrong: file.wrong, right: file.right };
  const value = file.text.replace(/[\r\n]+$/, '');
  const problem = problemOf(value, name);
  if (problem !== null)
    return { outcome: 'wrong', wrong: problem, right: `put the ${name} into it, on one line and nothing else` };
  return {
    outcome: 'secret',
    value,
    othersRead: file.isReadableByOthers ? file.mode.toString(8).padStart(4, '0') : null,
  };
}

/** Says why `value` cannot be a token or key, which travel in headers and URLs; null if it can. Never shows the value. */
export function problemOf(value: string, name: string): string | null {
  if (value.trim() === '') return `the ${name} is empty`;
  if (/^\s*\{/.test(value)) return `this is a whole answer and not the ${name} alone`;
  const variable = /^[A-Z][A-Z_]*=(?=[^=])/.exec(value)?.[0];
  if (variable !== undefined) return `this begins with ${variable}`;
  // A recovery key is written in groups of four.
  if (/\s/.test(value) && name !== 'recovery_key') return `the ${name} has white space in it`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  if (/[\u0000-\u001f\u007f-\uffff]/.test(value)) return `the ${name} has characters in it that no ${name} has`;
  return null;
}
