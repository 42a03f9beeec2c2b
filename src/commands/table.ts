import type { Command } from './command.ts';
import { createHelp } from './help.ts';
import { createMute, type MuteParts } from './mute.ts';
import { createPreview, type PreviewParts } from './preview.ts';
import { createQuiet, type QuietParts } from './quiet.ts';
import { createShow, type ShowParts } from './show.ts';
import { createStatus, type StatusParts } from './status.ts';
import { createSubscribe, type SubscribeParts } from './subscribe.ts';
import { createSubscriptions, type SubscriptionsParts } from './subscriptions.ts';
import { createUnmute, type UnmuteParts } from './unmute.ts';
import { createUnquiet, type UnquietParts } from './unquiet.ts';
import { createUnsubscribe, type UnsubscribeParts } from './unsubscribe.ts';
import { createWhy, type WhyParts } from './why.ts';

/** The parts that the commands work on. */
export interface TableParts {
  readonly subscriptions: SubscribeParts & UnsubscribeParts & SubscriptionsParts;
  readonly mutes: MuteParts & UnmuteParts;
  readonly quiet: QuietParts & UnquietParts;
  readonly status: StatusParts;
  readonly preview: PreviewParts;
  readonly why: WhyParts;
  readonly show: ShowParts;
}

/** Every command that there is: fronts, help and the page docs/commands.md are made from this. To add one is to add a line. */
export function createTable(parts: TableParts): readonly Command[] {
  const table: readonly Command[] = [
    createSubscribe(parts.subscriptions),
    createUnsubscribe(parts.subscriptions),
    createSubscriptions(parts.subscriptions),
    createMute(parts.mutes),
    createUnmute(parts.mutes),
    createQuiet(parts.quiet),
    createUnquiet(parts.quiet),
    createStatus(parts.status),
    createPreview(parts.preview),
    createWhy(parts.why),
    createShow(parts.show),
    createHelp(() => table),
  ];
  return table;
}
