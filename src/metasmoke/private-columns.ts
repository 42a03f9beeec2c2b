/** Columns that are nobody's business in any model: credentials. */
const anyModel = new Set(['key', 'token', 'code', 'access_token']);

/** Parts of a `users` column name that say it is about mail, credentials, the second factor or where somebody logs in. */
const userParts = new Set(['email', 'emails', 'password', 'token', 'salt', 'iv', '2fa', 'otp', 'ip']);

/**
 * Whether a column is dropped at decoding, before anything is stored, logged or shown. The server leaves most of these
 * out by itself; this holds for a server that does not, and for columns that come later (`users.two_factor_secret`).
 */
export function isPrivateColumn(model: string, column: string): boolean {
  const name = column.toLowerCase();
  if (anyModel.has(name)) return true;
  if (model === 'abuse_contacts') return name === 'email';
  if (model !== 'users') return false;
  return name === 'eu_resident' || name.startsWith('two_factor') || name.split('_').some((part) => userParts.has(part));
}
