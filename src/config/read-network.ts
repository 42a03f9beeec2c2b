import { X509Certificate } from 'node:crypto';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { Network } from '../http/network.ts';
import { readProxies } from '../http/proxies.ts';
import { Secret } from '../secrets/secret.ts';
import { readTextFile } from '../text/read-text-file.ts';
import { type Context, resolvePath, textError } from './context.ts';
import { caFileKey } from './keys.ts';
import type { Environment } from './substitute.ts';
import type { Mapping, Text } from './tree.ts';

/** A file of certificates of all CAs of the world has 250 kB. */
const maxCaBytes = 4 * 1_048_576;
/** A shorter password occurs in ordinary words, which would be cut out of the log. Lookout quotes no answer of a proxy. */
const shortestHidden = 8;

/** Reads the environment's proxies and `ca_file:`. What is wrong in them is reported. */
export function readNetwork(context: Context, top: Mapping | null, environment: Environment): Network {
  const { proxies, problems } = readProxies(environment);
  for (const { wrong, right } of problems) context.report.error(0, wrong, right);
  for (const { url, from } of proxies.all) {
    if (url.password.length >= shortestHidden) context.secrets.push(new Secret(decoded(url.password), from));
  }
  const written = caFileKey.read(context, top, 'ca_file');
  const cas = written === null ? null : readCas(context, written);
  return { proxies, secureContext: cas?.secureContext ?? null, certificates: cas?.certificates ?? null };
}

/** The CAs in a file, beside those that Node trusts; null if it holds none, which is reported. */
function readCas(
  context: Context,
  written: Text,
): { readonly secureContext: SecureContext; readonly certificates: string } | null {
  const wrong = (what: string, right: string) => {
    textError(context, written, 0, `${written.value}: ${what}`, right);
    return null;
  };
  const file = readTextFile(resolvePath(context, written.value), maxCaBytes);
  if (file.outcome === 'unreadable') return wrong(file.wrong, file.right);
  const found = file.text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0)
    return wrong('there is no certificate in it', 'name a PEM file, which has "BEGIN CERTIFICATE" in it');
  const damaged = found.findIndex((pem) => !isCertificate(pem));
  if (damaged !== -1)
    return wrong(`its certificate ${damaged + 1} is damaged`, 'copy the file anew from where it came');
  const secureContext = createSecureContext({ ca: [...getCACertificates('default'), ...found] });
  return { secureContext, certificates: found.join('\n') };
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
