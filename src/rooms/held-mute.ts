/** A mute that holds. */
export interface HeldMute {
  readonly id: number;
  readonly roomId: number;
  /** An event spec; null: the whole room. */
  readonly events: string | null;
  readonly where: string | null;
  /** Unix milliseconds. */
  readonly until: number;
  readonly author: string;
  readonly reason: string | null;
}

/** What writes in the name of recurring quiet hours. */
export const quietHours = 'quiet hours';
