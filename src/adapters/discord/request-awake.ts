import type { Call, DiscordClient } from './client.ts';
import { codeOf, codes } from './codes.ts';
import type { Exchange } from './exchange.ts';
import { troubleOf } from './trouble.ts';

/**
 * Makes a request about a channel. A message opens a thread that is archived, but an edit or a reaction is refused there: then the
 * thread is opened first (https://docs.discord.com/developers/topics/threads#unarchiving-a-thread). If that is refused too, the first
 * refusal counts.
 */
export async function requestAwake(
  channel: string,
  call: Call,
  { client, api }: { readonly client: DiscordClient; readonly api: string },
  signal: AbortSignal,
): Promise<Exchange> {
  const exchange = await client.request(call, signal);
  if (codeOf(exchange) !== codes.threadIsArchived) return exchange;
  const body = JSON.stringify({ archived: false });
  const opened = await client.request({ method: 'PATCH', route: `/channels/${channel}`, body }, signal);
  if (opened.kind === 'ok') return client.request(call, signal);
  const { kind } = troubleOf(opened, api);
  return kind === 'room' || kind === 'message' ? exchange : opened;
}
