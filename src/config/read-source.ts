import type { SourceConfig } from './config.ts';
import { type Context, isLoopback, textError, textWarning } from './context.ts';
import { readDuration } from './read-duration.ts';
import { readNumber } from './read-number.ts';
import { readSecret } from './read-secret.ts';
import { readServer } from './read-server.ts';
import { getList, getMap, getText, type Mapping, type Text } from './tree.ts';
import { parseSize } from './units.ts';

const sourceName = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;
const modelName = /^[a-z][a-z0-9_]{0,63}$/;

/** `source:`; null where something in it is wrong, which is reported. */
export function readSource(context: Context, map: Mapping | null): SourceConfig | null {
  const key = readSecret(context, map, 'key');
  const urlText = getText(map, 'url');
  const url = urlText ? readUrl(context, urlText) : null;
  if (url !== null && url !== 'demo' && !map?.entries.has('key') && !map?.entries.has('key_file')) {
    context.report.error(
      urlText!.offset,
      'this source needs a key',
      `add "key: \${METASMOKE_KEY}" or "key_file:", or take "url: demo"`,
    );
  }
  const nameText = getText(map, 'name');
  if (nameText && !sourceName.test(nameText.value)) {
    textError(
      context,
      nameText,
      0,
      `"${nameText.value}" is no name for a source`,
      'up to 32 letters, digits, - and _, a letter first',
    );
  }
  const payloadLimitBytes = readPayloadLimit(context, getText(map, 'payload_limit'));
  const quietAfterMs = readDuration(context, getText(map, 'quiet_after'), '1s', '7d', '15m');
  const models = readModels(context, map);
  const api = readApi(context, getText(map, 'api'));
  const backfill = getMap(map, 'backfill');
  const backfillMaxAgeMs = readDuration(context, getText(backfill, 'max_age'), '1m', '30d', '24h');
  const digestAfterMs = readDuration(context, getText(backfill, 'digest_after'), '1s', '30d', '10m');
  // A wrong one is reported.
  const detailsPerMinute = readNumber(context, getMap(map, 'details'), 'per_minute', 1, 300) ?? 20;
  if (url === null || payloadLimitBytes === null || quietAfterMs === 'wrong') return null;
  if (api === undefined || backfillMaxAgeMs === 'wrong' || digestAfterMs === 'wrong') return null;
  const name = nameText?.value ?? (url === 'demo' ? 'demo' : 'metasmoke');
  return {
    ...{ name, url, key, api, backfillMaxAgeMs, digestAfterMs, detailsPerMinute },
    ...{ payloadLimitBytes, quietAfterMs, models },
  };
}

/** Known before anything that names models is read. */
export function readModels(context: Context, map: Mapping | null): readonly string[] {
  const models: string[] = [];
  for (const item of getList(map, 'models')?.items ?? []) {
    if (item.kind !== 'text') continue;
    if (modelName.test(item.value)) models.push(item.value);
    else
      textError(
        context,
        item,
        0,
        `"${item.value}" is no name of a model`,
        'plural, lower case, words joined by _: flag_logs',
      );
  }
  return models;
}

/** 64 MiB: a body of 4 MB made a frame of 14 MB (measured), and a post may hold 16 MiB. */
function readPayloadLimit(context: Context, text: Text | null): number | null {
  const parsed = parseSize(text?.value ?? '64MiB', '1KiB', '1GiB');
  if (parsed.outcome === 'value') return parsed.value;
  textError(context, text!, 0, parsed.wrong, parsed.right);
  return null;
}

/** Null where there is none, undefined where it is wrong. */
function readApi(context: Context, text: Text | null): string | null | undefined {
  if (text === null) return null;
  const example = 'https://metasmoke.erwaysoftware.com/api';
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
    return wrong('"url" is no WebSocket address', 'write wss://metasmoke.erwaysoftware.com/cable, or demo');
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
