import type { Secret } from './secret.ts';
import { formsOf } from './secret-forms.ts';

/** Replaces every known secret in `text`, in any form (see secret-forms.ts), by `[secret]`. */
export function withoutSecrets(text: string, secrets: readonly Secret[]): string {
  let clean = text;
  for (const secret of secrets) for (const form of formsOf(secret)) clean = clean.replaceAll(form, '[secret]');
  return clean;
}
