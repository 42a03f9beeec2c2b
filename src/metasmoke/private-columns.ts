/** Private columns of any model: credentials. */
const anyModel = new Set(['key', 'token', 'code', 'access_token']);

/** Parts of a `users` column name that mark mail, credentials, the second factor or login locations. */
const userParts = new Set(['email', 'emails', 'password', 'token', 'salt', 'iv', '2fa', 'otp', 'ip']);

/**
 * Returns true if a column must be dropped at decoding, before anything is stored, logged or shown. The server omits
 * most of these itself; this protects against a server that does not, and against later columns
 * (`users.two_factor_secret`).
 */
export function isPrivateColumn(model: string, column: string): boolean {
  const name = column.toLowerCase();
  if (anyModel.has(name)) return true;
  if (model === 'abuse_contacts') return name === 'email';
  if (model !== 'users') return false;
  return name === 'eu_resident' || name.startsWith('two_factor') || name.split('_').some((part) => userParts.has(part));
}
