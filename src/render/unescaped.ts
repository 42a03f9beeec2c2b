import { helpers } from './helpers/all.ts';

/**
 * `{{{x}}}` asks Handlebars for no escape at all. It is made into `{{{markdown x}}}`, whose helper brings the value into
 * its shown form. The tree is changed where it is.
 */
export function routeUnescaped(program: hbs.AST.Program | undefined): void {
  for (const statement of program?.body ?? []) {
    if (statement.type === 'MustacheStatement') {
      const mustache = statement as hbs.AST.MustacheStatement;
      if (!mustache.escaped) reroute(mustache);
    }
    const block = statement as hbs.AST.BlockStatement;
    routeUnescaped(block.program);
    routeUnescaped(block.inverse);
  }
}

function reroute(mustache: hbs.AST.MustacheStatement): void {
  const { path, params, hash, loc } = mustache;
  const isCall = params.length > 0 || Object.hasOwn(helpers, (path as hbs.AST.PathExpression).original ?? '');
  const value = isCall ? { type: 'SubExpression', path, params, hash, loc } : path;
  mustache.path = { type: 'PathExpression', data: false, depth: 0, parts: ['markdown'], original: 'markdown', loc };
  mustache.params = [value];
  mustache.escaped = true;
}
