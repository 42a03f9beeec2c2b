/** How it stands with a source. */
export type SourceState =
  /** Nothing to ask for: no subscription names any event. Also before the start. */
  | { readonly state: 'idle' }
  /** On the way to the first subscription. */
  | { readonly state: 'connecting' }
  | { readonly state: 'subscribed' }
  /** The server knows the key not, or no more. Asked again every five minutes. */
  | { readonly state: 'rejected' }
  /** Nothing may have arrived since `since` (Unix milliseconds). It stays so, while attempts go on, until one succeeds. */
  | { readonly state: 'lost'; readonly since: number; readonly reason: string }
  /** Subscribed, but the latest sign of life came at `since` (Unix milliseconds). */
  | { readonly state: 'stale'; readonly since: number }
  | { readonly state: 'stopped' };
