import { z } from 'zod';
import { either, type PlatformRules } from './platform.ts';
import { oneOrMore, port, text } from './shape-kinds.ts';

/**
 * The shape of a configuration: which keys there are and what kind of value each takes. What a value means (an address, a
 * length of time, a condition) is read afterwards, where a problem can point into the value.
 *
 * The descriptions, with their defaults, are what an editor shows that is given the JSON Schema.
 */
type Platforms = readonly PlatformRules[];

const source = z.strictObject({
  url: text('The Action Cable endpoint, wss://…/cable, or demo: the built-in hub with sample events.'),
  key: text('The API key. Not needed for demo.').optional(),
  key_file: text('A file that holds the API key, instead of key.').optional(),
  api: text(
    'The REST and GraphQL API, from which missed rows and the details of posts are fetched. Default: none are.',
  ).optional(),
  backfill: z
    .strictObject({
      max_age: text(
        'How long ago something may have been missed to be fetched still, and how long the API is asked for it. Default: 24h.',
      ).optional(),
      digest_after: text('A longer gap is told of in one digest. Default: 10m.').optional(),
    })
    .nullable()
    .describe('How what was missed is fetched.')
    .optional(),
  details: z
    .strictObject({
      per_minute: z
        .int()
        .describe('So many requests a minute at most ask the API for the details of posts. Default: 20.')
        .optional(),
    })
    .nullable()
    .describe('How the details of posts are asked for.')
    .optional(),
  name: text('What the source is called in the store and in logs. Default: metasmoke (demo for demo).').optional(),
  payload_limit: text('The largest frame that is taken. Default: 64MiB.').optional(),
  quiet_after: text('After how long without an event the log says that the source is quiet. Default: 15m.').optional(),
  models: z
    .array(z.string())
    .describe('Models that other servers have beside those of metasmoke. Default: none.')
    .optional(),
});

const store = z
  .union([
    z.string(),
    z.strictObject({
      url: text('sqlite:<file> or memory.').meta({ examples: ['sqlite:lookout.db'] }),
      keep: text(
        'How long what is settled is kept: with source.api a quarter of an hour longer than source.backfill.max_age, or longer. Default: 30d.',
      ).optional(),
    }),
  ])
  .describe('Where events and deliveries are kept: sqlite:<file> or memory. Default: sqlite:lookout.db.');

const derived = z.strictObject({
  lingering_after: text('A post that stands so long after its report is posts#lingering. Default: 10m.').optional(),
  lost_after: text('A source that is away so long is source#lost. Default: 2m.').optional(),
  quota_below: z
    .int()
    .describe('Below so many requests that are left it is statistics#quota_low. Default: 1000.')
    .optional(),
});

const hub = z.strictObject({
  port: port('The port that `lookout hub` listens on, 0 for any. Default: 28080.').optional(),
  host: text('The address that it listens on. Default: 127.0.0.1.').optional(),
  key: text('The key that clients must give. Default: one is made and shown.').optional(),
  key_file: text('A file that holds the key, instead of key.').optional(),
});

const metrics = z
  .strictObject({
    port: port('The port that `lookout run` serves metrics on, 0 for any. Default: 9464.').optional(),
    host: text('The address that it listens on. Default: 127.0.0.1.').optional(),
    names: oneOrMore(
      'Names that Prometheus asks for it by, where that is no address, not localhost, host or the name of the machine. Default: none.',
    ).optional(),
  })
  .nullable()
  .describe('Serves /metrics, /healthz and /readyz over HTTP. Default: nothing listens.');

/** A block of settings for each platform; one that needs none may be empty. */
const chatsShape = (platforms: Platforms) =>
  z.strictObject(
    Object.fromEntries(
      platforms.map(({ name, settings: { keys, description, example } }) => {
        const block = z.strictObject(keys);
        const whole = example === null ? block.nullable() : block;
        return [name, (description === null ? whole : whole.describe(description)).optional()];
      }),
    ),
  );

/** The ids of one kind that platforms have, in the plural: `Discord roles`. */
const kindsOf = (platforms: Platforms, kind: 'role' | 'server') =>
  platforms.flatMap(({ people }) => (people[kind] === null ? [] : `${people[kind].kind}s`)).join(' and ');

const roomShape = (platforms: Platforms) =>
  z.union([
    z.string(),
    z.strictObject({
      to: text(`The address: ${either(platforms.flatMap(({ address }) => address.forms))}.`),
      timezone: text('The IANA time zone that times are shown in. Default: UTC.').optional(),
      waves: z
        .union([
          z.string(),
          z.strictObject({
            digest_above: z
              .int()
              .describe('Above so many events a minute a digest takes the place of messages. Default: 60.')
              .optional(),
          }),
        ])
        .nullable()
        .describe('What is done when more comes than the room takes; off: one message an event.')
        .optional(),
      quiet: oneOrMore('Hours of every day in which nothing is sent: 22:00-07:00. Default: none.').optional(),
      commands: z
        .strictObject({
          users: oneOrMore(
            'Who may change the room by commands, beside those whom the chat lets: ids of people.',
          ).optional(),
          roles: oneOrMore(`Ids of ${kindsOf(platforms, 'role')} whose members may. Default: none.`).optional(),
          power: z
            .int()
            .describe(platforms.flatMap(({ people }) => people.power ?? []).join(' '))
            .optional(),
        })
        .optional(),
    }),
  ]);

const subscriptionShape = (platforms: Platforms) =>
  z.strictObject({
    events: text("The API's own filter: posts#create;flag_logs. A model without # means create and update."),
    rooms: oneOrMore('Names of rooms, or addresses.'),
    where: text('A condition in CEL over event and object. Default: every event.').optional(),
    template: text('The name of a template, templates/<name>.hbs. Default: the one of the model.').optional(),
    merge_reports: text(
      'A report of a link that the room was told of within this time, by another detector, is left out. Default: none is.',
    ).optional(),
    card: z
      .boolean()
      .describe('One message for each post, which stays up to date, instead of one for each event. Default: false.')
      .optional(),
    updates: text(
      'How a card is told to have changed: edit (it is changed), reply, thread (messages that answer it) or react (reactions to it). Default: edit.',
    ).optional(),
    details: oneOrMore(
      'What of a card is asked of the API: site, reasons, feedbacks, flags. Default: all of them where source.api is set.',
    ).optional(),
    hold: text('How long a message is held back, at most 1h. Default: not at all.').optional(),
    unless: text(
      'A condition in CEL over subject, by which what was held is cancelled. Default: subject.deleted || subject.false_positive.',
    ).optional(),
    mention: oneOrMore(
      `Who is pinged by new messages: ${platforms.flatMap(({ mention }) => mention?.forms ?? []).join(', ')}. Default: nobody.`,
    ).optional(),
    mention_cooldown: text('How long nobody is pinged again in a room. Default: 10m.').optional(),
    id: text('A name of its own. Default: made from events, where, template and rooms.').optional(),
  });

const commandsShape = (platforms: Platforms) =>
  z.strictObject({
    rooms: z
      .enum(['listed', 'any'])
      .describe('Whether a room that is not named here may become one by its first subscription. Default: listed.')
      .optional(),
    per_room: z.int().describe('How many subscriptions a room may have by commands. Default: 50.').optional(),
    users: oneOrMore('Ids of people who may change every room. Default: none.').optional(),
    servers: oneOrMore(`${kindsOf(platforms, 'server')} all of whose people may. Default: none.`).optional(),
  });

/** The shape of a whole configuration whose rooms are on these platforms. */
export const createConfigShape = (platforms: Platforms) =>
  z.strictObject({
    source,
    store: store.optional(),
    chats: chatsShape(platforms).nullable().optional(),
    rooms: z.record(z.string(), roomShape(platforms)).nullable().describe('Names for rooms.').optional(),
    subscriptions: z
      .array(subscriptionShape(platforms))
      .nullable()
      .describe('Which events go to which rooms.')
      .optional(),
    commands: commandsShape(platforms).nullable().describe('What people in the rooms may do by commands.').optional(),
    operators: text(
      'The room, by its name or address, in which operators are told what is wrong. Default: none.',
    ).optional(),
    priority: oneOrMore(
      'What goes first to a room that is behind. Default: posts#autoflagged_false_positive, posts#undeleted, posts#create, feedbacks.',
    ).optional(),
    derived: derived.nullable().describe('From when on something is concluded.').optional(),
    hub: hub.nullable().optional(),
    metrics: metrics.optional(),
  });

/** The shape of one value, of whatever kind. */
export type Shape = z.ZodType;

/** The keys that may stand at `path` of a shape; empty where any may, or none. */
export function knownKeys(whole: Shape, path: readonly PropertyKey[]): readonly string[] {
  const shape = mapBranch(shapeAt(whole, path));
  return shape instanceof z.ZodObject ? Object.keys(shape.shape) : [];
}

/** A right value at `path` of a shape, as one would write it; null if the key has no example. */
export function exampleAt(whole: Shape, path: readonly PropertyKey[]): string | null {
  const shape = shapeAt(whole, path);
  const examples = shape instanceof z.ZodType ? shape.meta()?.examples : undefined;
  return Array.isArray(examples) && typeof examples[0] === 'string' ? examples[0] : null;
}

function shapeAt(whole: Shape, path: readonly PropertyKey[]): unknown {
  let shape: unknown = whole;
  for (const step of path) {
    shape = mapBranch(shape);
    if (shape instanceof z.ZodObject) shape = shape.shape[String(step)];
    else if (shape instanceof z.ZodRecord) shape = shape.valueType;
    else if (shape instanceof z.ZodArray) shape = shape.element;
    else return undefined;
  }
  return shape;
}

/** The shape below `optional` and `nullable`; of a union, the branch with keys or items. */
function mapBranch(shape: unknown): unknown {
  if (shape instanceof z.ZodOptional || shape instanceof z.ZodNullable) return mapBranch(shape.unwrap());
  if (!(shape instanceof z.ZodUnion)) return shape;
  return shape.options.map(mapBranch).find((option) => option instanceof z.ZodObject || option instanceof z.ZodArray);
}
