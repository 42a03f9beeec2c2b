import type { Reply } from './exchange.ts';

/** https://docs.discord.com/developers/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans */
export const mostInvalid = 10_000;
const perMs = 600_000;

/** Cloudflare's answer before a request reaches Discord: no header with a wait, no JSON. */
const banned: Reply = { status: 429, body: '<!doctype html><title>Access denied</title>error code: 1015' };

/** Counts the answers that Discord counts against an address: 401, 403 and 429, except those of a shared limit. */
export function createBan(now: () => number, most: number) {
  const invalid: number[] = [];
  const recent = (): number => {
    while (invalid[0] !== undefined && now() - invalid[0] >= perMs) invalid.shift();
    return invalid.length;
  };
  return {
    recent,
    /** Returns the ban once it applies. */
    answer: (): Reply | null => (recent() >= most ? banned : null),
    count({ status, headers }: Reply): void {
      if (status === 401 || status === 403 || (status === 429 && headers?.['x-ratelimit-scope'] !== 'shared'))
        invalid.push(now());
    },
  };
}
