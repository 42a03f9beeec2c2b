import type { IdRules } from '../../config/platform.ts';

/** A snowflake: 64 bits in decimal (https://docs.discord.com/developers/reference#snowflakes); those of today have 17 to 19 digits. */
const snowflake = /^[1-9]\d{14,19}$/;

/** Returns true if a text is an id of Discord's: of a user, a role, a server or a channel. */
export const isSnowflake = (text: string): boolean => snowflake.test(text) && BigInt(text) < 2n ** 64n;

/** The rules of ids of one kind; on Discord those of all kinds are written alike. */
export function idsOf(kind: string, right: string): IdRules {
  return {
    kind,
    right,
    isId: isSnowflake,
    meant(text) {
      // A mention, <@…> or <@&…>, or a link, whose first number is the server.
      const id = /\d{15,20}/.exec(text)?.[0];
      return id !== undefined && id !== text && isSnowflake(id) ? id : null;
    },
    doubt: () => null,
  };
}
