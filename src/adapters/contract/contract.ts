/** The module `lookout/adapter-contract` of the package, for the tests of an adapter in another package. */
export { adapterContract } from './adapter-contract.ts';
export type { Arrange, ContractOptions, Fault, Harness, Related } from './harness.ts';
export { partsForTests } from './parts-for-tests.ts';
export { type PlatformCase, platformContract } from './platform-contract.ts';
export type { Runner } from './runner.ts';
