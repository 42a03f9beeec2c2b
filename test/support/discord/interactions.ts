import type { Clock } from '../../../src/time/clock.ts';
import type { Channel } from './channels.ts';
import { readForm } from './check-message.ts';
import { type Effects, takeEffect } from './effects.ts';
import { fail, ok, type Reply, type Seen } from './exchange.ts';
import type { GatewayDouble } from './gateway.ts';
import { invalidForm, isFields, tooLong } from './invalid-form.ts';
import { newMessage, shownOf } from './messages.ts';
import { bitsOf, type Permission } from './permissions.ts';
import type { Registry } from './registry.ts';
import { type User, userShape } from './shapes.ts';

/** A person, and their permissions in the channel. */
export interface Person {
  readonly id: string;
  readonly roles?: readonly string[];
  readonly may?: readonly Permission[];
}

/** A use of the bot by a person. */
export type Deed =
  | { readonly slash: string; readonly options?: Readonly<Record<string, string>> }
  /** A command from the menu of a message. */
  | { readonly menu: string; readonly message: string }
  | { readonly press: string; readonly message: string }
  /** An option that is being typed. */
  | {
      readonly type: string;
      readonly option: string;
      readonly text: string;
      readonly options?: Readonly<Record<string, string>>;
    };

/** The result that the person sees. */
export interface Seeing {
  readonly id: string;
  /** Resolves with the final content: the answer, or the result of a deferred one. */
  readonly answer: Promise<Shown>;
  /** True if "is thinking…" is or was shown. */
  readonly isDeferred: boolean;
}

export interface Shown {
  /** True if others see it, too. */
  readonly isPublic: boolean;
  readonly content: string;
  readonly embeds: readonly Readonly<Record<string, unknown>>[];
  readonly choices: readonly { readonly name: string; readonly value: string }[];
  /** The buttons below it, by their labels. */
  readonly buttons: Readonly<Record<string, string>>;
}

/** https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages */
const firstAnswerMs = 3_000;
const tokenMs = 15 * 60_000;
const ephemeral = 64;

const unknownInteraction = fail(404, 10062, 'Unknown interaction');
const alreadyAnswered = fail(400, 40060, 'Interaction has already been acknowledged.');
const invalidToken = fail(401, 50027, 'Invalid Webhook Token');
const unknownMessage = fail(404, 10008, 'Unknown Message');

interface Open {
  readonly id: string;
  readonly at: number;
  readonly isTyping: boolean;
  readonly channel: string;
  state: 'open' | 'deferred' | 'answered';
  isPublic: boolean;
  readonly resolve: (shown: Shown) => void;
}

export interface InteractionsOptions {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly bot: User;
  readonly gateway: () => GatewayDouble;
  readonly registry: Registry;
  readonly effects: Effects;
}

/** Sends the actions of people over the gateway, and accepts the answers unless Discord would refuse them. */
export function createInteractions({ clock, newId, bot, gateway, registry, effects }: InteractionsOptions) {
  const open = new Map<string, Open>();

  /** Returns the command that this person is offered; throws if Discord would not offer it. */
  function offered(name: string, type: number, person: Person, channel: Channel) {
    const command = [...registry.of(channel.guild?.id ?? ''), ...registry.of('')].find(
      (each) => each.type === type && each.name === name,
    );
    if (command === undefined) throw new Error(`Discord does not offer "${name}": it is not registered`);
    const needs = BigInt(command.default_member_permissions ?? '0');
    if (channel.guild !== null && (bitsOf(person.may ?? []) & needs) !== needs)
      throw new Error(`Discord does not offer "${name}" to ${person.id}`);
    return command;
  }

  function dataOf(deed: Deed, person: Person, channel: Channel) {
    const listed = (given: Readonly<Record<string, string>> = {}) =>
      Object.entries(given).map(([name, value]) => ({ name, type: 3, value }));
    if ('slash' in deed) {
      const { command, options, wrap } = slash(deed.slash, person, channel);
      for (const name of Object.keys(deed.options ?? {}))
        if (!options.some((option) => option.name === name)) throw new Error(`/${deed.slash} has no "${name}"`);
      return { type: 2, data: { id: command.id, name: command.name, type: 1, options: wrap(listed(deed.options)) } };
    }
    if ('menu' in deed) {
      const command = offered(deed.menu, 3, person, channel);
      return { type: 2, data: { id: command.id, name: deed.menu, type: 3, target_id: deed.message, resolved: {} } };
    }
    if ('press' in deed)
      return { type: 3, data: { custom_id: deed.press, component_type: 2 }, message: { id: deed.message } };
    const { command, options, wrap } = slash(deed.type, person, channel);
    if (!options.some((option) => option.name === deed.option && option.autocomplete === true))
      throw new Error(`Discord completes no "${deed.option}" of /${deed.type}`);
    const written = [...listed(deed.options), { name: deed.option, type: 3, value: deed.text, focused: true }];
    return { type: 4, data: { id: command.id, name: command.name, type: 1, options: wrap(written) } };
  }

  /** Finds `mute`, or `lookout mute`, a command of a group, whose options Discord sends inside of an option. */
  function slash(written: string, person: Person, channel: Channel) {
    const [name = '', inner] = written.split(' ');
    const command = offered(name, 1, person, channel);
    const fields = (options: unknown) => (Array.isArray(options) ? options.filter(isFields) : []);
    const groups = fields(command.options).filter((option) => option.type === 1);
    if (inner === undefined && groups.length > 0) throw new Error(`/${name} alone cannot be sent: it is a group`);
    if (inner === undefined) return { command, options: fields(command.options), wrap: (given: object[]) => given };
    const chosen = groups.find((option) => option.name === inner);
    if (chosen === undefined) throw new Error(`Discord does not offer "${written}"`);
    const wrap = (given: object[]) => [{ name: inner, type: 1, options: given }];
    return { command, options: fields(chosen.options), wrap };
  }

  function tell(channel: Channel, person: Person, deed: Deed): Seeing {
    const what = dataOf(deed, person, channel);
    const id = newId();
    const token = `aW50ZXJhY3Rpb24-${id}`;
    const user = userShape({ id: person.id, username: `user${person.id}` }, false);
    const { promise, resolve } = Promise.withResolvers<Shown>();
    const state: Open = {
      id,
      at: clock.now(),
      isTyping: what.type === 4,
      channel: channel.id,
      state: 'open',
      isPublic: false,
      resolve,
    };
    open.set(token, state);
    let wasDeferred = false;
    const event = {
      version: 1,
      id,
      application_id: bot.id,
      token,
      ...what,
      channel_id: channel.id,
      channel: { id: channel.id, type: channel.parent === null ? 0 : 11, parent_id: channel.parent?.id ?? null },
      ...(channel.guild === null
        ? { user, context: 1 }
        : {
            guild_id: channel.guild.id,
            context: 0,
            member: {
              user,
              roles: person.roles ?? [],
              permissions: String(bitsOf(person.may ?? [])),
              mute: false,
              deaf: false,
            },
          }),
      locale: 'en-US',
      entitlements: [],
      app_permissions: '0',
    };
    gateway().dispatch('INTERACTION_CREATE', event, channel.guild?.id);
    return {
      id,
      answer: promise,
      get isDeferred() {
        wasDeferred ||= state.state === 'deferred';
        return wasDeferred;
      },
    };
  }

  function respond(id: string, token: string, request: Seen): Reply {
    const found = open.get(token);
    if (found === undefined || found.id !== id) return unknownInteraction;
    if (found.state !== 'open') return alreadyAnswered;
    if (clock.now() - found.at > firstAnswerMs) return unknownInteraction;
    const body: unknown = JSON.parse(request.body);
    const { type, data } = isFields(body) ? body : {};
    if (found.isTyping !== (type === 8)) return fail(400, 50035, 'Invalid Form Body');
    switch (type) {
      case 4:
        return show(found, request, data ?? {});
      case 5:
        found.state = 'deferred';
        found.isPublic = !isFields(data) || (Number(data.flags ?? 0) & ephemeral) === 0;
        return { status: 204, body: null };
      case 8:
        return complete(found, isFields(data) ? data.choices : null);
      default:
        return fail(400, 50035, 'Invalid Form Body');
    }
  }

  function complete(found: Open, given: unknown): Reply {
    const choices = Array.isArray(given) ? (given as { name: string; value: string }[]) : [];
    const wrongs = choices.flatMap(({ name, value }, index) =>
      [name, value].some((text) => String(text).length === 0 || String(text).length > 100)
        ? [tooLong(`data.choices.${index}`, 100)]
        : [],
    );
    if (choices.length > 25) wrongs.push(tooLong('data.choices', 25));
    if (wrongs.length > 0) return invalidForm(wrongs);
    found.state = 'answered';
    found.resolve({ isPublic: false, content: '', embeds: [], choices, buttons: {} });
    return { status: 204, body: null };
  }

  function show(found: Open, request: Seen, data: unknown): Reply {
    const read = readForm({ ...request, body: JSON.stringify(data) });
    if ('refused' in read) return read.refused;
    const shown = shownOf(read.form);
    if (shown.content === '' && shown.embeds.length === 0) return fail(400, 50006, 'Cannot send an empty message');
    if (found.state === 'open') found.isPublic = (Number(read.form.flags ?? 0) & ephemeral) === 0;
    takeEffect(effects, `answer ${found.channel}/${found.id}`, read.form, shown, null);
    const isEdit = found.state === 'deferred';
    found.state = 'answered';
    const { content, embeds } = shown;
    found.resolve({ isPublic: found.isPublic, content, embeds, choices: [], buttons: buttonsIn(read.form) });
    if (!isEdit) return { status: 204, body: null };
    const nobody = { mention_everyone: false, mentions: [], mention_roles: [] };
    return ok(newMessage(newId(), found.channel, bot, clock.now(), { ...shown, ...nobody }, undefined));
  }

  function edit(token: string, request: Seen): Reply {
    const found = open.get(token);
    if (found === undefined || clock.now() - found.at > tokenMs) return invalidToken;
    if (found.state === 'open') return unknownMessage;
    return show(found, request, JSON.parse(request.body));
  }

  return { tell, respond, edit };
}

/** Returns the `custom_id` of each button of a form, by its label. */
function buttonsIn(form: object): Readonly<Record<string, string>> {
  const { components } = form as { readonly components?: readonly { readonly components: readonly Button[] }[] };
  return Object.fromEntries(
    (components ?? []).flatMap((row) => row.components.map((one) => [one.label, one.custom_id])),
  );
}

interface Button {
  readonly label: string;
  readonly custom_id: string;
}
