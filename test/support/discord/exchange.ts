/** A request to the API, and its answer. */
export interface Seen {
  readonly method: string;
  /** After `/api/v10`, still URL-encoded: `/channels/123/messages`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** Status of the answer; null before it, and if the answer was lost. */
  readonly status: number | null;
}

/** An answer of the API. A text is sent as HTML, as Cloudflare does; null means no body; everything else is JSON. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const ok = (body: unknown): Reply => ({ status: 200, body });

/** Returns an error in Discord's format: https://docs.discord.com/developers/reference#error-messages */
export function fail(status: number, code: number, message: string, errors?: unknown): Reply {
  return { status, body: errors === undefined ? { message, code } : { message, code, errors } };
}

/** The route does not exist. */
export const notFound = fail(404, 0, '404: Not Found');
/** https://docs.discord.com/developers/topics/opcodes-and-status-codes#json */
export const unknownChannel = fail(404, 10003, 'Unknown Channel');
export const unknownGuild = fail(404, 10004, 'Unknown Guild');
export const unknownMember = fail(404, 10007, 'Unknown Member');
export const unknownMessage = fail(404, 10008, 'Unknown Message');
export const missingAccess = fail(403, 50001, 'Missing Access');
export const missingPermissions = fail(403, 50013, 'Missing Permissions');
