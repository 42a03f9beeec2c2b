/** Help with certificates that are not accepted, by Node's code: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const untrusted =
  'its certificate is not signed by a CA that is trusted here: if it is your own CA, name its file in ca_file';
/** The meaning of Node's error codes: https://nodejs.org/api/errors.html#common-system-errors */
export const unreachableWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at that address',
  ENOTFOUND: 'DNS does not know its name',
  EAI_AGAIN: 'DNS does not answer',
  EHOSTUNREACH: 'there is no route to its host',
  ENETUNREACH: 'there is no route to its network',
  ETIMEDOUT: 'its host does not answer',
};

const remedies: Readonly<Record<string, string>> = {
  ...unreachableWords,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'it sends its certificate without those between it and the CA: let it send the whole chain, or name its CA in ca_file',
  CERT_HAS_EXPIRED: 'its certificate is over: renew it there, or set the clock of this machine',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: set the clock of this machine',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name: is the address right?',
};

/**
 * Returns the message of a network error, with what it means, and what will help if the certificate is at fault. If a name has several
 * addresses, Node's error has one error for each and no message of its own.
 */
export function networkErrorText(error: Error): string {
  const message = messageOf(error);
  const code = codeOf(error);
  const remedy = code === undefined ? undefined : remedies[code];
  return remedy === undefined ? message : `${remedy} (${message})`;
}

function codeOf(error: Error): string | undefined {
  const { code, errors } = error as NodeJS.ErrnoException & { readonly errors?: readonly unknown[] };
  return code ?? (errors?.[0] as NodeJS.ErrnoException | undefined)?.code;
}

function messageOf(error: Error): string {
  if (error.message !== '') return error.message;
  const [first] = (error as { readonly errors?: readonly unknown[] }).errors ?? [];
  return first instanceof Error ? first.message : error.name;
}
