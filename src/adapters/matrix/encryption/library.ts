import type * as Library from '@matrix-org/matrix-sdk-crypto-wasm';
import { installGlobals } from './indexed-db.ts';

export type CryptoLibrary = typeof Library;

let loading: Promise<CryptoLibrary> | null = null;

/** Loads the encryption library, which takes 40 MB and 50 ms (measured, 18.9.0 on Node 26), when it is needed first. */
export function loadLibrary(): Promise<CryptoLibrary> {
  loading ??= load();
  return loading;
}

async function load(): Promise<CryptoLibrary> {
  installGlobals();
  const library = await import('@matrix-org/matrix-sdk-crypto-wasm');
  await library.initAsync();
  return library;
}
