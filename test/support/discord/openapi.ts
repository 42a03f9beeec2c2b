import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Reply, Seen } from './exchange.ts';
import type { Operation } from './routes.ts';
import { isSnowflake } from './snowflake.ts';

/** Returns the differences from Discord's own description of its API: one line each, with place and reason. */
export interface Checker {
  request(operation: Operation, request: Seen): readonly string[];
  answer(operation: Operation, method: string, reply: Reply): readonly string[];
}

interface Header {
  readonly schema: { readonly type: string };
}
interface Described {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, Header & { readonly $ref?: string }>>;
  readonly content?: { readonly 'application/json'?: object };
}
interface DescribedOperation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object }[];
  readonly requestBody?: Described;
  readonly responses: Readonly<Record<string, Described>>;
}

/** Returns the file that the environment names or that lies beside the repository; otherwise null. */
function descriptionFile(): string | null {
  const named = process.env.LOOKOUT_DISCORD_OPENAPI;
  if (named) return named;
  const beside = join(fileURLToPath(new URL('../../../..', import.meta.url)), 'shared', 'discord-openapi.json');
  return existsSync(beside) ? beside : null;
}

const checkers = new Map<string, Checker>();

/** Returns a checker for Discord's description; null if that is missing. Read once per process. */
export function findChecker(): Checker | null {
  const file = descriptionFile();
  if (file === null) return null;
  const checker = checkers.get(file) ?? createChecker(JSON.parse(readFileSync(file, 'utf8')));
  checkers.set(file, checker);
  return checker;
}

const escaped = (step: string) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'));

function createChecker(description: Record<string, unknown>): Checker {
  allowErrorNames(description);
  const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false, code: { optimize: false } });
  addFormats.default(ajv);
  ajv.addFormat('snowflake', isSnowflake);
  ajv.addFormat('nonce', true);
  ajv.addSchema(description, 'discord');
  const compiled = new Map<string, ValidateFunction>();

  function misfits(place: readonly string[], value: unknown, what: string): string[] {
    const ref = `discord#/${place.map(escaped).join('/')}`;
    const fits = compiled.get(ref) ?? ajv.compile({ $ref: ref });
    compiled.set(ref, fits);
    if (fits(value)) return [];
    return (fits.errors ?? []).map((each) => `${what}${each.instancePath}: ${each.message}`);
  }

  /** Returns the value at a place of the description, following references. */
  function at(place: readonly string[]): { readonly place: readonly string[]; readonly found: unknown } {
    const found = place.reduce<unknown>(
      (node, step) => (node as Record<string, unknown> | undefined)?.[step],
      description,
    );
    const ref = (found as Described | undefined)?.$ref;
    return ref === undefined ? { place, found } : at(ref.slice(2).split('/'));
  }

  return {
    request({ route }, request) {
      const what = `${request.method} ${route}`;
      const place = ['paths', route, request.method.toLowerCase()];
      const { parameters = [], requestBody } = at(place).found as DescribedOperation;
      const wrong: string[] = [];
      // Without it Cloudflare may block the bot: https://docs.discord.com/developers/reference#user-agent
      if (!/^DiscordBot \(\S+, \S+\)/.test(String(request.headers['user-agent'])))
        wrong.push(`${what}: User-Agent is not "DiscordBot (url, version)…"`);
      for (const [name, text] of request.query) {
        const index = parameters.findIndex((each) => each.name === name && each.in === 'query');
        const isNumber = (parameters[index]?.schema as { type?: string } | undefined)?.type === 'integer';
        if (index < 0) wrong.push(`${what}: ?${name} is not a parameter`);
        else
          wrong.push(
            ...misfits(
              [...place, 'parameters', String(index), 'schema'],
              isNumber ? Number(text) : text,
              `${what} ?${name}`,
            ),
          );
      }
      if (requestBody === undefined) {
        if (request.body !== '') wrong.push(`${what}: takes no body`);
        return wrong;
      }
      let body: unknown;
      try {
        body = JSON.parse(request.body);
      } catch {
        return [...wrong, `${what}: the body is not JSON`];
      }
      const schema = [...place, 'requestBody', 'content', 'application/json', 'schema'];
      return [...wrong, ...misfits(schema, body, what)];
    },

    answer({ route }, method, { status, body, headers = {} }) {
      const what = `${method} ${route} → ${status}`;
      const responses = ['paths', route, method.toLowerCase(), 'responses'];
      const described = at(responses).found as DescribedOperation['responses'];
      const code = [String(status), `${String(status)[0]}XX`].find((each) => each in described);
      if (code === undefined) return [`${what}: is not described`];
      const { place, found } = at([...responses, code]);
      const { headers: wanted = {}, content } = found as Described;
      const wrong = Object.keys(wanted).flatMap((name) => {
        const text = headers[name.toLowerCase()];
        const header = at([...place, 'headers', name]);
        if (text === undefined) return [];
        const isNumber = (header.found as Header).schema.type !== 'string';
        return misfits([...header.place, 'schema'], isNumber ? Number(text) : text, `${what} ${name}`);
      });
      const json = content?.['application/json'];
      if (json === undefined) return body === null ? wrong : [...wrong, `${what}: has no body`];
      return [...wrong, ...misfits([...place, 'content', 'application/json', 'schema'], body, what)];
    },
  };
}

/**
 * Allows names as codes of errors within a form. The description says numbers; Discord's documentation shows names,
 * which it sends: https://docs.discord.com/developers/reference#error-messages
 */
function allowErrorNames(description: Record<string, unknown>): void {
  const { schemas } = description.components as { schemas: Record<string, { properties: Record<string, unknown> }> };
  const { InnerErrors } = schemas;
  if (InnerErrors === undefined) return;
  const code = { type: ['integer', 'string'] };
  const items = { type: 'object', properties: { code, message: { type: 'string' } }, required: ['code', 'message'] };
  InnerErrors.properties._errors = { type: 'array', items };
}
