import { expect, it } from 'vitest';
import { NotConnectedError } from '../../../src/store/postgres/errors.ts';
import { StoreInUseError, StoreUnreadableError } from '../../../src/store/store-errors.ts';

const place = 'postgres://lookout@db/lookout';
const failing = (message: string, code?: string) =>
  new StoreUnreadableError(place, new NotConnectedError(Object.assign(new Error(message), { code }))).message;

it.each([
  ['database "lookout" does not exist', '3D000', 'create the database on the server'],
  ['password authentication failed for user "lookout"', '28P01', 'check the user in the URL, its password'],
  ['no pg_hba.conf entry for host', '28000', '`pg_hba.conf` on the server'],
  ['permission denied for schema public', '42501', 'give the user the right to create and change tables'],
  ['self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT', '`?sslrootcert=ca.pem`'],
  ['The server does not support SSL connections', undefined, '`?sslmode=disable`'],
  ['a refusal that is not known', 'XYZ', 'and pg_hba.conf and the certificate of the server'],
])('says what to do if a server says: %s', (message, code, remedy) => {
  expect(failing(message, code)).toContain(remedy);
});

it('names both places of a password if the server wants one', () => {
  expect(failing('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string')).toBe(
    `${place} cannot be opened (the server wants a password): name a file with it: \`password_file\` in the configuration, \`--password-file\` on the command line; nothing was changed`,
  );
  expect(failing('password authentication failed for user "lookout"', '28P01')).toContain('`--password-file` on the');
});

it('names a server that does not answer once', () => {
  expect(failing('connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED')).toBe(
    `${place} cannot be opened (connect ECONNREFUSED 127.0.0.1:1): check that the PostgreSQL server runs, and that this machine can reach it; nothing was changed`,
  );
});

it('names the process that works on a database', () => {
  expect(new StoreInUseError(place, 'vm:27260').message).toBe(
    `${place} is in use by vm:27260: stop it first, and all others on this store`,
  );
});
