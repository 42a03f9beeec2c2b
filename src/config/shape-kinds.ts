import { z } from 'zod';

/** The kinds of values that keys take, each with the description that editors show. */

export const text = (description: string) => z.string().describe(description);

/** A text, or a list of texts. */
export const oneOrMore = (description: string) => z.union([z.string(), z.array(z.string())]).describe(description);

/** A number, or a text: a variable gives texts. Which numbers are ports is read afterwards. */
export const port = (description: string) => z.union([z.number(), z.string()]).describe(description);
