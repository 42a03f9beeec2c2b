import { z } from 'zod';
import type { Invocation, Said } from '../../commands/invocation.ts';
import { offerOfId } from './offer-id.ts';
import { permission } from './permissions.ts';
import { platformIdOf } from './place.ts';
import { commandOfMenu, groupName } from './slash-commands.ts';

/** An action of a person that is meant for the bot. */
export type Interaction = {
  readonly id: string;
  readonly application: string;
  /** With it and nothing else the interaction is answered, for 15 minutes. Fit for a path. */
  readonly token: string;
  readonly channel: string;
} & (
  | { readonly kind: 'run'; readonly invocation: Invocation }
  | {
      readonly kind: 'complete';
      readonly room: string;
      readonly command: string;
      /** The option that is being typed. */
      readonly option: string;
      readonly typed: string;
      /** The values of the others so far. */
      readonly given: Readonly<Record<string, string>>;
      readonly direct: boolean;
    }
  /** Nothing that this version knows. */
  | { readonly kind: 'unknown'; readonly what: string }
  | { readonly kind: 'ping' }
);

/** The `custom_id` of each button of ours, and the command that it runs about its message. */
export const buttons = { mute: 'lookout:mute', show: 'lookout:show' } as const;

const commandsOfButtons = new Map<string, keyof typeof buttons>([
  [buttons.mute, 'mute'],
  [buttons.show, 'show'],
]);

const snowflake = z.string().regex(/^\d{1,20}$/);
const option = z.object({ name: z.string(), value: z.unknown().optional(), focused: z.boolean().optional() });
/** A command of a group comes as an option of type 1 with options of its own. */
const outerOption = option.extend({ type: z.int().optional(), options: z.array(option).nullish() });

const nick = z.string().nullish();
/** https://discord.com/developers/docs/resources/user#user-object */
const userShape = z.object({ id: snowflake, username: z.string().nullish(), global_name: z.string().nullish() });

/** https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object */
const shape = z.object({
  id: snowflake,
  application_id: snowflake,
  type: z.int(),
  token: z.string().min(1).max(500).transform(encodeURIComponent),
  guild_id: snowflake.nullish(),
  channel_id: snowflake.nullish(),
  channel: z.object({ id: snowflake, parent_id: snowflake.nullish() }).nullish(),
  member: z.object({ user: userShape, nick, roles: z.array(snowflake), permissions: z.string() }).nullish(),
  user: userShape.nullish(),
  message: z.object({ id: snowflake }).nullish(),
  data: z
    .object({
      name: z.string().nullish(),
      options: z.array(outerOption).nullish(),
      target_id: snowflake.nullish(),
      custom_id: z.string().nullish(),
    })
    .nullish(),
});

/** Returns the room that a channel is part of: a post is part of its forum. `parent`: the channel that a thread is in. */
export type RoomOf = (channel: string, parent: string | null) => string;

/** Reads what the gateway gave; null for what cannot even be answered. */
export function readInteraction(given: unknown, roomOf: RoomOf): Interaction | null {
  const parsed = shape.safeParse(given);
  if (!parsed.success) return null;
  const { id, application_id: application, type, token, member, data, message } = parsed.data;
  const channel = parsed.data.channel_id ?? parsed.data.channel?.id;
  const user = member?.user ?? parsed.data.user;
  const direct = parsed.data.guild_id == null;
  const head = { id, application, token, channel: channel ?? '' };
  if (type === 1) return { ...head, kind: 'ping' };
  if (channel === undefined || user == null) return { ...head, kind: 'unknown', what: 'that' };

  const room = roomOf(channel, parsed.data.channel?.parent_id ?? null);
  const { command: named, options: written } = commandIn(data?.name ?? '', data?.options ?? []);
  const options = Object.fromEntries(written.map(({ name, value }) => [name, String(value ?? '')]));
  const run = (said: Said, about: string | null, pressed: boolean): Interaction => ({
    ...head,
    kind: 'run',
    invocation: {
      key: `discord:${id}`,
      platform: 'discord',
      room,
      direct,
      asker: {
        id: user.id,
        name: async () => member?.nick ?? user.global_name ?? user.username ?? null,
        roles: member?.roles ?? [],
        manages: direct || manages(member?.permissions ?? ''),
        power: null,
      },
      said,
      // https://docs.discord.com/developers/topics/rate-limits#global-rate-limit: interactions are not part of it.
      answered: 'free',
      about: about === null ? null : platformIdOf(room, { channel, message: about }),
      ...(pressed && { pressed }),
    },
  });
  const withOptions = (command: string, given: Readonly<Record<string, string>> = {}): Said => ({
    kind: 'options',
    command,
    options: given,
  });
  switch (type) {
    case 2:
      return data?.target_id == null
        ? run(withOptions(named, options), null, false)
        : run(withOptions(commandOfMenu(data.name ?? '') ?? data.name ?? ''), data.target_id, true);
    case 3: {
      const command = commandsOfButtons.get(data?.custom_id ?? '');
      if (command !== undefined && message != null) return run(withOptions(command), message.id, true);
      const offer = offerOfId(data?.custom_id ?? '');
      if (offer !== null) return run({ kind: 'line', text: offer.line }, offer.about, true);
      return { ...head, kind: 'unknown', what: 'this button' };
    }
    case 4: {
      const focused = written.find((each) => each.focused === true);
      const { [focused?.name ?? '']: typed = '', ...others } = options;
      return {
        ...head,
        kind: 'complete',
        room,
        command: named,
        option: focused?.name ?? '',
        typed,
        given: others,
        direct,
      };
    }
    default:
      return { ...head, kind: 'unknown', what: 'that' };
  }
}

/** Returns the command and its options: of a group, those of the one that was chosen. */
function commandIn(
  name: string,
  options: readonly z.infer<typeof outerOption>[],
): { readonly command: string; readonly options: readonly z.infer<typeof option>[] } {
  const [chosen] = options;
  if (name !== groupName || chosen?.type !== 1) return { command: name, options };
  return { command: chosen.name, options: chosen.options ?? [] };
}

/** Discord says with each interaction what its author may do in the channel, overwrites and all. */
function manages(permissions: string): boolean {
  if (!/^\d{1,30}$/.test(permissions)) return false;
  return (BigInt(permissions) & (permission.manageChannels | permission.administrator)) !== 0n;
}
