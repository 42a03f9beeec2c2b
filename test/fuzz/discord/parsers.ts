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
 * Two independent parsers of Discord's dialect: discord-markdown-parser is released frequently and knows masked links,
 * subtext and slash commands; @odiffey/discord-markdown (the maintained fork of the parser with which most bots show
 * transcripts) also knows lists. Syntax that only one of them recognizes is a complaint as well, because clients
 * differ, too.
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
