/** A mute that has not ended. */
export interface ActiveMute {
  readonly id: number;
  readonly roomId: number;
  /** An event spec; null: the whole room. */
  readonly events: string | null;
  readonly where: string | null;
  /** An event spec: events that it lets through, also if `events` names them; null: none. */
  readonly except: string | null;
  /** Unix milliseconds. */
  readonly until: number;
  readonly author: string;
  readonly reason: string | null;
}

/** The name under which recurring quiet hours are stored, in place of a person. */
export const quietHours = 'quiet hours';
