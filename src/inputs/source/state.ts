/** The state of a source. */
export type SourceState =
  /** No subscription names any event, or the source has not started. */
  | { readonly state: 'idle' }
  /** Connecting for the first time. */
  | { readonly state: 'connecting' }
  | { readonly state: 'subscribed' }
  /** The server rejected the key. Retried every five minutes. */
  | { readonly state: 'rejected' }
  /** Events since `since` (Unix milliseconds) may be missing. The state stays until an attempt succeeds. */
  | { readonly state: 'lost'; readonly since: number; readonly reason: string }
  /** Subscribed, but the latest sign of life was at `since` (Unix milliseconds). */
  | { readonly state: 'stale'; readonly since: number }
  | { readonly state: 'stopped' };
