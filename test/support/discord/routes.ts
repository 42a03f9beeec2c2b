import type { Reply, Seen } from './exchange.ts';
import { invalidForm } from './invalid-form.ts';

/** One operation of Discord's API: `GET /channels/{channel_id}`. */
export interface Operation {
  /** The path as in Discord's own description. */
  readonly route: string;
  readonly ids: readonly string[];
}

const channel = '/channels/{channel_id}';
const guild = '/guilds/{guild_id}';
const application = '/applications/{application_id}';

/** All routes of the double. */
const known: readonly (readonly [route: string, methods: readonly string[]])[] = [
  ['/users/@me', ['GET']],
  ['/users/@me/guilds', ['GET']],
  ['/gateway/bot', ['GET']],
  [channel, ['GET', 'PATCH']],
  [`${channel}/threads`, ['POST']],
  [`${channel}/threads/archived/public`, ['GET']],
  [`${channel}/messages`, ['GET', 'POST']],
  [`${channel}/messages/{message_id}`, ['GET', 'PATCH', 'DELETE']],
  [`${channel}/messages/{message_id}/threads`, ['POST']],
  [`${channel}/messages/{message_id}/reactions/{emoji_name}/@me`, ['PUT', 'DELETE']],
  [guild, ['GET']],
  [`${guild}/threads/active`, ['GET']],
  [`${guild}/roles`, ['GET']],
  [`${guild}/members/{user_id}`, ['GET']],
  [`${application}/commands`, ['GET', 'PUT']],
  [`${application}/commands/{command_id}`, ['DELETE']],
  [`${application}${guild}/commands`, ['GET', 'PUT']],
  [`${application}${guild}/commands/{command_id}`, ['DELETE']],
  ['/interactions/{interaction_id}/{interaction_token}/callback', ['POST']],
  ['/webhooks/{webhook_id}/{webhook_token}/messages/@original', ['PATCH']],
];
const patterns = known.map(([route, methods]) => {
  const path = new RegExp(`^${route.replace(/\{[a-z_]+\}/g, '([^/]+)')}$`);
  return { route, methods, path, method: new Set(methods) };
});

/** Every `METHOD /path` that the double answers. */
export const operations: readonly string[] = patterns.flatMap(({ route, methods }) =>
  methods.map((method) => `${method} ${route}`),
);

/** Returns the operation of a request; null if the double does not know it. */
export function operationOf(request: Seen): Operation | null {
  const path = decodePath(request.path);
  for (const each of patterns) {
    const match = each.method.has(request.method) ? each.path.exec(path) : null;
    if (match) return { route: each.route, ids: match.slice(1) };
  }
  return null;
}

/** Decodes the percent signs of a path if they are well-formed. */
export function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Returns Discord's answer to a path or a parameter that is not an id. */
export const notSnowflake = (at: string, id: string): Reply =>
  invalidForm([{ at, code: 'NUMBER_TYPE_COERCE', message: `Value "${id}" is not snowflake.` }]);
