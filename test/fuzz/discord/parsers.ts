import * as odiffey from '@odiffey/discord-markdown';
import { rulesExtended, SimpleMarkdown } from 'discord-markdown-parser';
import { additions, type Rule } from './dialect.ts';

/** A node of either parser's tree. */
export interface Node {
  readonly type: string;
  readonly content?: string | readonly Node[];
  readonly target?: string;
  readonly level?: number;
  readonly name?: string;
  readonly mark?: string;
  readonly items?: readonly (readonly Node[])[];
}

type Parse = (source: string, state: { readonly inline: true }) => readonly Node[];
type Engine = { parserFor(rules: object): Parse };

const withAdditions = (engine: unknown, rules: object, own: Readonly<Record<string, Rule>>): Parse =>
  (engine as Engine).parserFor({ ...rules, ...own });

/**
 * Two parsers of Discord's dialect, of different hands: discord-markdown-parser is released again and again and knows
 * masked links, subtext and slash commands; @odiffey/discord-markdown (the kept-up fork of what most bots show transcripts
 * with) knows lists besides. What only one of them makes something of is a complaint as well: clients differ too.
 */
export const parsers: Readonly<Record<string, (source: string) => readonly Node[]>> = {
  'discord-markdown-parser': parserOf(SimpleMarkdown, rulesExtended),
  '@odiffey/discord-markdown': parserOf(odiffey.markdownEngine, odiffey.rules),
};

function parserOf(engine: unknown, rules: object): (source: string) => readonly Node[] {
  const { discordEveryone, discordHere, everyone, here, list, ...rest } = rules as Record<string, unknown>;
  const parse = withAdditions(engine, rest, additions);
  return (source) => parse(source, { inline: true });
}
