import type { SourceKind } from '../catalogue/source-kind.ts';
import { excerpt } from '../text/excerpt.ts';
import type { SourceConfig } from './config.ts';
import { type Context, textError, textWarning } from './context.ts';
import { readKeys } from './key.ts';
import { sourceKeys } from './keys.ts';
import { oneOf } from './one-of.ts';
import { readSecret } from './read-secret.ts';
import { readServer } from './read-server.ts';
import { getText, type Mapping, type Text } from './tree.ts';

const sourceName = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;
const modelName = /^[a-z][a-z0-9_]{0,63}$/;

/** `source:`, with its defaults; null if its URL or API is wrong. What is wrong in it is reported. */
export function readSource(context: Context, map: Mapping | null): SourceConfig | null {
  const kind = readKind(context, map);
  const key = readSecret(context, map, 'key');
  const values = readKeys(context, map, sourceKeys(context.inputs));
  const urlText = values.url;
  const url = urlText ? readUrl(context, urlText, kind) : null;
  if (url !== null && url !== 'demo' && !map?.entries.has('key') && !map?.entries.has('key_file')) {
    context.report.error(
      urlText!.offset,
      'this source needs a key',
      `add "key: \${METASMOKE_KEY}" or "key_file:", or take "url: demo"`,
    );
  }
  const nameText = values.name;
  if (nameText && !sourceName.test(nameText.value)) {
    textError(
      context,
      nameText,
      0,
      `"${nameText.value}" is not a name for a source`,
      'up to 32 letters, digits, - and _, a letter first',
    );
  }
  const kindText = values.kind;
  if (kindText !== null && kindText.value.trim() !== kind.name) {
    const kinds = context.inputs.map(({ name }) => name);
    const wrong = `"${excerpt(kindText.value, 40)}" is not a kind of source`;
    textError(context, kindText, 0, wrong, oneOf(kinds, kindText.value.trim()));
  }
  const api = readApi(context, values.api);
  if (url === null || api === undefined) return null;
  return {
    ...{ kind, url, key, api, models: readModels(context, map) },
    name: nameText?.value ?? (url === 'demo' ? 'demo' : kind.name),
    backfillMaxAgeMs: values.backfill.max_age,
    digestAfterMs: values.backfill.digest_after,
    detailsPerMinute: values.details.per_minute,
    payloadLimitBytes: values.payload_limit,
    quietAfterMs: values.quiet_after,
  };
}

/** Known before anything that names models is read; the first kind if another is named, which `readSource` reports. */
export function readKind({ inputs }: Context, map: Mapping | null): SourceKind {
  const written = getText(map, 'kind')?.value.trim();
  return inputs.find(({ name }) => name === written) ?? inputs[0];
}

/** Known before anything that names models is read. */
export function readModels(context: Context, map: Mapping | null): readonly string[] {
  const models: string[] = [];
  for (const item of sourceKeys(context.inputs).models.read(context, map, 'models')) {
    if (modelName.test(item.value)) models.push(item.value);
    else
      textError(
        context,
        item,
        0,
        `"${item.value}" is not the name of a model`,
        'plural, lower case, words joined by _: flag_logs',
      );
  }
  return models;
}

/** Null: there is none; undefined: it is wrong, which is reported. */
function readApi(context: Context, text: Text | null): string | null | undefined {
  if (text === null) return null;
  const example = sourceKeys(context.inputs).api.example ?? '';
  return readServer(context, text, { key: 'api', example, path: 'allowed' }) ?? undefined;
}

function readUrl(context: Context, text: Text, kind: SourceKind): string | 'demo' | null {
  const written = text.value.trim();
  if (written === 'demo') return 'demo';
  const read = kind.readUrl(written);
  if (read.outcome === 'problem') {
    textError(context, text, 0, read.wrong, read.right);
    return null;
  }
  for (const { wrong, right } of read.doubts) textWarning(context, text, 0, wrong, right);
  return read.url;
}
