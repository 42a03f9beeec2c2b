/** Longest wait of a test for a process or a server, ms. It ends a test that hangs; a busy machine is not a failure. */
export const PATIENCE_MS = 60_000;
