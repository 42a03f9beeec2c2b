import { describe, expect, it } from 'vitest';
import { LeaseLostError, NotConnectedError } from '../../src/store/postgres/errors.ts';
import { troubleOf } from '../../src/store/trouble.ts';

const withCode = (code: string, more: object = {}) => Object.assign(new Error('no'), { code, ...more });
const fromServer = (code: string) => withCode(code, { severity: 'ERROR' });

describe('an error of PostgreSQL', () => {
  it.each([
    ['a wrong password', new NotConnectedError(fromServer('28P01')), 'refused'],
    ['a database that is gone', new NotConnectedError(fromServer('3D000')), 'refused'],
    ['a certificate that is over', new NotConnectedError(withCode('CERT_HAS_EXPIRED')), 'refused'],
    ['a server that starts', new NotConnectedError(fromServer('57P03')), 'unreachable'],
    ['a server without free connections', new NotConnectedError(fromServer('53300')), 'unreachable'],
    ['a server that is away', new NotConnectedError(withCode('ECONNREFUSED')), 'unreachable'],
    ['a socket that is not there', new NotConnectedError(withCode('ENOENT', { syscall: 'connect' })), 'unreachable'],
    ['a folder that is not there', withCode('ENOENT', { syscall: 'lstat' }), null],
    ['a transaction that said nothing for long', fromServer('25P03'), 'unreachable'],
    ['a lease that is lost', new LeaseLostError(), 'takenOver'],
    ['a value that does not fit', fromServer('22003'), null],
  ])('%s is or is not a fault of what was to be written', (_, error, trouble) => {
    expect(troubleOf(error)).toBe(trouble);
  });

  it('has the text of each address that was tried, once', () => {
    const tried = Object.assign(
      new AggregateError([
        new Error('connect ECONNREFUSED ::1:5432'),
        new Error('connect ECONNREFUSED 127.0.0.1:5432'),
      ]),
      { code: 'ECONNREFUSED' },
    );
    const error = new NotConnectedError(tried);
    expect(error.message).toBe('no connection to the database');
    expect(error.cause).toMatchObject({
      message: 'connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432',
    });
    expect(troubleOf(error)).toBe('unreachable');
  });
});
