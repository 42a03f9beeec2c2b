import type { ModelInfo } from '../catalogue/catalogue.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../log.ts';
import { createReadAsItStands } from '../outbox/compose/as-it-stands.ts';
import type { Draw } from '../outbox/compose/draw.ts';
import { drawHiding, withoutLastTitle } from '../outbox/compose/hide-title.ts';
import { createReadRelated, postNamedBy } from '../outbox/compose/related.ts';
import { rowContentOf } from '../outbox/compose/row-content.ts';
import { createReadNamed } from '../outbox/compose/voter-name.ts';
import type { StoredRoom } from '../outbox/rows/rooms.ts';
import type { Context } from '../render/engine.ts';
import { relatedNames } from '../render/names.ts';
import { renderOnce } from '../render/render-once.ts';
import type { Rendered, Renderer } from '../render/renderer.ts';
import type { MaskedRooms } from '../rooms/masked-rooms.ts';
import type { Database } from '../store/tables.ts';
import { readOtherReports } from '../subject-rows/authors.ts';
import type { Report } from '../subject-rows/fold-store.ts';
import { readPost, readState } from '../subject-rows/known-post.ts';
import { readDetails } from '../subject-rows/read-details.ts';
import { readOffensive } from '../subject-rows/read-offensive.ts';
import { knownOf } from '../subjects/card-values.ts';
import { factsOf } from '../subjects/facts.ts';
import type { PostState } from '../subjects/post-state.ts';
import { asOnWall, type Clock, toWall } from '../time/clock.ts';
import type { Event } from '../words.ts';

/** The template of cards that name no other. */
export const cardTemplate = 'card';

export interface DrawOptions {
  readonly config: Pick<Config, 'rooms' | 'catalogue'> & { readonly source: Pick<Config['source'], 'name' | 'kind'> };
  readonly db: Database;
  readonly renderer: Renderer;
  readonly masked: MaskedRooms;
  readonly clock: Clock;
  readonly log: Log;
}

/** Turns events and the state of subjects into messages. */
export function createDraw({ config, db, renderer, masked, clock, log }: DrawOptions): Draw {
  const once = renderOnce(renderer);
  const cardModel = config.catalogue.ofRole('report');
  const readRelated = createReadRelated({ db, catalogue: config.catalogue, clock });
  const readAsItStands = createReadAsItStands(db, clock);
  const readNamed = createReadNamed(db);
  const timeZones = new Map(config.rooms.map((room) => [room.address, room.timeZone]));

  function contextOf(room: StoredRoom) {
    const timeZone = timeZones.get(room.address) ?? 'UTC';
    return { now: clock.wall(), room: { name: room.name, platform: room.platform, timeZone } };
  }

  function reportOnWall(report: Report | null): Report | null {
    return report === null ? null : { ...report, received_at: toWall(clock, report.received_at) };
  }

  function told(rendered: Rendered, template: string, subject: string): Rendered {
    const { failure } = rendered;
    if (failure !== null)
      log.warn(
        { template, subject, err: failure },
        `template ${template} failed on ${subject}; the default template was used`,
      );
    return rendered;
  }

  async function readShown(sent: Event, template: string | null) {
    const event = await readNamed(await readAsItStands(asOnWall(clock, sent)));
    const wanted = relatedNames.filter((name) => renderer.reads(event, template, name));
    return { event, related: await readRelated(event, wanted) };
  }

  const hidden: Draw['hidden'] = async (subjects, room) =>
    masked().has(room.id) ? readOffensive(db, subjects) : new Set();

  return {
    hidden,
    async event(sent, template, room) {
      const shown = masked().has(room.id) ? withoutLastTitle(sent) : sent;
      const { event, related } = await readShown(shown, template);
      const draw = (one: Event, known: Context) =>
        told(once.render(one, template, contextOf(room), known), template ?? event.model, event.subject);
      const post = postNamedBy(event, config.catalogue);
      const isHidden = post !== null && (await hidden([post], room)).has(post);
      return drawHiding(isHidden, { event, known: related }, draw).message;
    },
    async content(sent, template, room) {
      const { event, related } = await readShown(sent, template);
      // Another report of the same author says nothing new about this one.
      const known = { ...related, author: null };
      return once.render(rowContentOf(event), template, { ...contextOf(room), now: null }, known).message;
    },
    async card({ subject, template }, room) {
      const { state, report } = await readPost(db, subject);
      const details = await readDetails(db, subject, state);
      const known = knownOf(state, details, await readOtherReports(db, subject, state.row));
      if (cardModel === undefined) throw new Error('the source has no reports, so it has no cards');
      const event = cardEvent({ subject, source: config.source.name, model: cardModel }, state, reportOnWall(report));
      const name = template ?? cardTemplate;
      const draw = (shown: Event, values: Context) =>
        told(renderer.render(shown, name, contextOf(room), values), name, subject);
      const isHidden = (await hidden([subject], room)).has(subject);
      const { message } = drawHiding(isHidden, { event, known }, draw);
      return { message, isOver: state.fate !== 'stands' || details.isAbsent };
    },
    pageOf: config.source.kind.links.pageOf,
    async facts(subject) {
      return factsOf(await readState(db, subject));
    },
  };
}

/** Returns the event that a card shows: the report with the newest row; a destroy once the report is removed. */
export function cardEvent(
  {
    source,
    subject,
    model,
  }: { readonly source: string; readonly subject: string; readonly model: Pick<ModelInfo, 'name' | 'class'> },
  state: PostState,
  report: Report | null,
): Event {
  return {
    source,
    model: model.name,
    class: model.class,
    role: 'report',
    type: state.fate === 'removed' ? 'destroy' : 'create',
    rowId: subject.slice(subject.indexOf(':') + 1),
    subject,
    updatedAt: report?.updated_at ?? null,
    receivedAt: report?.received_at ?? state.reportedAt ?? 0,
    origin: report?.origin ?? 'live',
    object: state.row,
  };
}
