/** The unit that is all of the work: it is free only if every other unit is. Its holder may change anything. */
export const everythingUnit = 'lookout';
/** The unit of the source, with all that writes deliveries into rooms. Every other unit is that of an account. */
export const leaderUnit = 'leader';
