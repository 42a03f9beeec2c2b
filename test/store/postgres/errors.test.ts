import { expect, it } from 'vitest';
import { StoreUnreadableError } from '../../../src/store/store-errors.ts';

const failing = (message: string, code?: string) =>
  new StoreUnreadableError('postgres://lookout@db/lookout', Object.assign(new Error(message), { code })).message;

it.each([
  ['database "lookout" does not exist', '3D000', 'create the database on the server'],
  ['password authentication failed for user "lookout"', '28P01', 'check the user in the URL, its password'],
  ['no pg_hba.conf entry for host', '28000', '`pg_hba.conf` on the server'],
  ['permission denied for schema public', '42501', 'give the user the right to create and change tables'],
  ['self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT', '`?sslrootcert=ca.pem`'],
  ['The server does not support SSL connections', undefined, '`?sslmode=disable`'],
  ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', undefined, '`password_file`'],
  ['connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED', 'check that the PostgreSQL server runs'],
])('says what to do if a server says: %s', (message, code, remedy) => {
  expect(failing(message, code)).toContain(remedy);
});
