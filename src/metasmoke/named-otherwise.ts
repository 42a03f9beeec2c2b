import type { ModelInfo } from '../catalogue/catalogue.ts';

/** The columns, without `_id`, that are not called after the model whose rows they name. */
export const namedOtherwise: Readonly<Record<string, ModelInfo['namedOtherwise']>> = {
  domain_links: { creator: 'user', left: 'spam_domain', right: 'spam_domain' },
  // The number of the user on their site.
  stack_exchange_users: { user: null },
};
