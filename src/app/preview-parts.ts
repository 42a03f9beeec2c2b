import { hiddenIn } from '../commands/hidden-in.ts';
import type { PreviewParts } from '../commands/preview.ts';
import { type ExampleOptions, exampleOf } from '../commands/preview-example.ts';
import type { Config } from '../config/config.ts';
import type { PlatformRules } from '../config/platform.ts';
import { readAsItStands } from '../outbox/compose/as-it-stands.ts';
import { drawHiding, withoutLastTitle } from '../outbox/compose/hide-title.ts';
import { postNamedBy, readRelated } from '../outbox/compose/related.ts';
import { relatedNames } from '../render/names.ts';
import type { Renderer } from '../render/renderer.ts';
import type { LiveSubscriptions } from '../rooms/live-subscriptions.ts';
import type { Database } from '../store/tables.ts';
import { readOtherReports } from '../subject-rows/authors.ts';
import { readPost } from '../subject-rows/known-post.ts';
import { readDetails } from '../subject-rows/read-details.ts';
import { knownOf } from '../subjects/card-values.ts';
import { foldPost } from '../subjects/fold-post.ts';
import { asOnWall } from '../time/clock.ts';
import type { Event } from '../words.ts';
import { cardTemplate } from './draw-messages.ts';

export interface PreviewOptions extends ExampleOptions {
  readonly config: Config;
  readonly platforms: readonly PlatformRules[];
  readonly renderer: Renderer;
}

/** Returns the parts of the command that shows a template. `live`: the subscriptions of a room under all its names. */
export function previewParts(options: PreviewOptions, live: Pick<LiveSubscriptions, 'ofRoom'>): PreviewParts {
  const { config, platforms, db, renderer, clock } = options;
  const { catalogue } = config;
  return {
    ...{ templates: config.templates, db, catalogue, platforms, links: config.source.kind.links },
    example: (template, subject, room) => exampleOf(options, template, subject, room),
    async render(stored, template, room) {
      const event = asOnWall(clock, stored);
      const { name, platform, timeZone } = room;
      const isOfCards =
        template === cardTemplate ||
        live.ofRoom(room.address).some((one) => one.template === template && one.options.isCard);
      const one = room.masksOffensive ? withoutLastTitle(event) : event;
      const shown = isOfCards ? one : await readAsItStands(db, one);
      const wanted = relatedNames.filter((one) => renderer.reads(shown, template, one));
      const known = isOfCards ? await knownAbout(db, event) : await readRelated({ db, catalogue }, shown, wanted);
      const context = { now: clock.wall(), room: { name, platform, timeZone } };
      const post = postNamedBy(shown, catalogue);
      const isHidden = post !== null && (await hiddenIn(room, db, [post])).has(post);
      return drawHiding(isHidden, { event: shown, known }, (one, values) =>
        renderer.render(one, template, context, values),
      );
    },
  };
}

/** Returns the values that a card of an event's subject would show. */
async function knownAbout(db: Database, event: Event) {
  const { state: known } = await readPost(db, event.subject);
  const state = Object.keys(known.row).length === 0 ? foldPost([event]) : known;
  const author = await readOtherReports(db, event.subject, state.row);
  return knownOf(state, await readDetails(db, event.subject, state), author);
}
