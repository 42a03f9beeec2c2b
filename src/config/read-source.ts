import type { SourceConfig } from './config.ts';
import { type Context, isLoopback, textError, textWarning } from './context.ts';
import { readKeys } from './key.ts';
import { sourceKeys } from './keys.ts';
import { readSecret } from './read-secret.ts';
import { readServer } from './read-server.ts';
import type { Mapping, Text } from './tree.ts';

const sourceName = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;
const modelName = /^[a-z][a-z0-9_]{0,63}$/;

/** `source:`, with its defaults; null if its URL or API is wrong. What is wrong in it is reported. */
export function readSource(context: Context, map: Mapping | null): SourceConfig | null {
  const key = readSecret(context, map, 'key');
  const values = readKeys(context, map, sourceKeys);
  const urlText = values.url;
  const url = urlText ? readUrl(context, urlText) : null;
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
  const api = readApi(context, values.api);
  if (url === null || api === undefined) return null;
  return {
    ...{ url, key, api, models: readModels(context, map) },
    name: nameText?.value ?? (url === 'demo' ? 'demo' : sourceKeys.name.byDefault),
    backfillMaxAgeMs: values.backfill.max_age,
    digestAfterMs: values.backfill.digest_after,
    detailsPerMinute: values.details.per_minute,
    payloadLimitBytes: values.payload_limit,
    quietAfterMs: values.quiet_after,
  };
}

/** Known before anything that names models is read. */
export function readModels(context: Context, map: Mapping | null): readonly string[] {
  const models: string[] = [];
  for (const item of sourceKeys.models.read(context, map, 'models')) {
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
  const example = sourceKeys.api.example ?? '';
  return readServer(context, text, { key: 'api', example, path: 'allowed' }) ?? undefined;
}

function readUrl(context: Context, text: Text): string | 'demo' | null {
  const written = text.value.trim();
  if (written === 'demo') return 'demo';
  const wrong = (what: string, right: string) => {
    textError(context, text, 0, what, right);
    return null;
  };
  const url = URL.canParse(written) ? new URL(written) : null;
  if (url === null || !/^(?:wss?|https?):$/.test(url.protocol)) {
    return wrong('"url" is not a WebSocket address', 'write wss://metasmoke.erwaysoftware.com/cable, or demo');
  }
  if (url.username !== '' || url.password !== '')
    return wrong('"url" has a user or password in it', 'remove what stands before the @');
  if (/^https?:$/.test(url.protocol)) {
    return wrong(
      `"url" is a web address (${url.protocol}//)`,
      `write ${url.protocol.replace('http', 'ws')}//${url.host}${url.pathname === '/' ? '/cable' : url.pathname}`,
    );
  }
  if (url.search !== '')
    return wrong('"url" has a query (?…) in it', `remove it; a key belongs in "key: \${METASMOKE_KEY}"`);
  if (url.hash !== '') return wrong('"url" has a # in it', 'remove it and what follows');
  if (url.protocol === 'ws:' && !isLoopback(url.hostname)) {
    textWarning(
      context,
      text,
      0,
      `ws:// to ${url.hostname} sends the key unencrypted`,
      `use wss://${url.host}${url.pathname}`,
    );
  }
  if (url.pathname === '/') {
    textWarning(
      context,
      text,
      0,
      '"url" has no path',
      `metasmoke and the hub listen at ${url.protocol}//${url.host}/cable`,
    );
  }
  return url.href;
}
