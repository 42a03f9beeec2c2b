/**
 * Length limits of a message. Discord counts characters; we count UTF-16 units, which are never fewer.
 * https://discord.com/developers/docs/resources/message#create-message and #embed-object-embed-limits
 */
export const limits = {
  content: 2_000,
  title: 256,
  description: 4_096,
  fields: 25,
  fieldName: 256,
  fieldValue: 1_024,
  footer: 2_048,
  /** Title, description, names, values and footer of all embeds together. */
  embeds: 6_000,
} as const;
