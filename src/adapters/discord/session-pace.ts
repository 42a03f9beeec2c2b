/** Shortest delay between two new sessions, ms: Discord takes one in five seconds (https://discord.com/developers/docs/events/gateway#sharding-max-concurrency). */
export const betweenSessionsMs = 5_500;
/** The same between two processes, of which each may be late by what its machine is busy, ms. */
export const betweenProcessesMs = 6_500;
