/**
 * `faults`: a few rooms, and single events. `flood`: fifty rooms and bursts of two thousand events. Faults are injected
 * in both.
 */
export const trialKinds = ['faults', 'flood'] as const;
export type TrialKind = (typeof trialKinds)[number];

/** A room of a trial that shows events. There is another one with cards. */
export interface RoomPlan {
  readonly name: string;
  readonly platform: 'discord' | 'matrix';
  /** `digest`: its messages name subjects, not events. */
  readonly shows: 'marks' | 'digest';
  /** As in the configuration. */
  readonly waves: 'off' | { readonly digest_above: number };
  readonly isEncrypted?: boolean;
}

/** A planned room that exists. */
export interface StageRoom extends RoomPlan {
  /** The channel's or room's id. */
  readonly place: string;
}

/** Too high to be reached: waiting events share messages, each with its own mark. */
const neverADigest = { digest_above: 1_000_000 };
const soonADigest = { digest_above: 60 };

const faultRooms: readonly RoomPlan[] = [
  { name: 'singles', platform: 'discord', shows: 'marks', waves: 'off' },
  { name: 'merged', platform: 'discord', shows: 'marks', waves: neverADigest },
  { name: 'digest', platform: 'discord', shows: 'digest', waves: soonADigest },
  { name: 'matrix', platform: 'matrix', shows: 'marks', waves: neverADigest },
];

/** Another room if the homeserver is a real one: the double knows no keys of devices. */
const encryptedRoom: RoomPlan = {
  ...{ name: 'encrypted', platform: 'matrix', shows: 'marks', waves: neverADigest, isEncrypted: true },
};

/** Number of rooms, including the one with cards. */
const floodRoomCount = 50;
const digestCount = 4;

function floodRooms(): readonly RoomPlan[] {
  const digests = Array.from({ length: digestCount }, (_, index) => `digest${index + 1}`);
  const special: readonly RoomPlan[] = [
    { name: 'discord-singles', platform: 'discord', shows: 'marks', waves: 'off' },
    { name: 'matrix-singles', platform: 'matrix', shows: 'marks', waves: 'off' },
    ...digests.map((name) => ({ name, platform: 'discord', shows: 'digest', waves: soonADigest }) as const),
  ];
  const merged = Array.from({ length: floodRoomCount - 1 - special.length }, (_, index): RoomPlan => {
    // With the special rooms and the one with cards, both chats have the same number.
    const platform = index < floodRoomCount / 2 - 2 - digestCount ? 'discord' : 'matrix';
    return { name: `${platform}-merged${index + 1}`, platform, shows: 'marks', waves: neverADigest };
  });
  return [...special, ...merged];
}

export function roomsOf(kind: TrialKind, { encrypts }: { readonly encrypts: boolean }): readonly RoomPlan[] {
  const rooms = kind === 'flood' ? floodRooms() : faultRooms;
  return encrypts ? [...rooms, encryptedRoom] : rooms;
}
