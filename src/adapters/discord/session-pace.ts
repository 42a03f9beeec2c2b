/** Shortest delay between two new sessions, ms: Discord takes one in five seconds (https://discord.com/developers/docs/events/gateway#sharding-max-concurrency). */
export const betweenSessionsMs = 5_500;
