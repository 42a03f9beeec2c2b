import { helpers } from './helpers/all.ts';

/** Name of the helper behind every interpolation. A template can only write it in brackets: `{{[{{}}] x}}`. */
export const interpolate = '{{}}';

/**
 * Makes `{{x}}` a call of the helper `interpolate`, which encodes the value, and `{{{x}}}` a call that encodes the
 * result of the helper `markdown`. Changes the tree in place; it must be compiled with `noEscape`.
 */
export function routeInterpolations(program: hbs.AST.Program | undefined): void {
  for (const statement of program?.body ?? []) {
    if (statement.type === 'MustacheStatement') reroute(statement as hbs.AST.MustacheStatement);
    const block = statement as hbs.AST.BlockStatement;
    routeInterpolations(block.program);
    routeInterpolations(block.inverse);
  }
}

/** `hash` stays on the mustache, because `checkNames` rejects named arguments of an interpolation. */
function reroute(mustache: hbs.AST.MustacheStatement): void {
  const { params, hash, loc } = mustache;
  const call = (path: hbs.AST.PathExpression, args: hbs.AST.Expression[]): hbs.AST.SubExpression => ({
    type: 'SubExpression',
    path,
    params: args,
    hash,
    loc,
  });
  const path = asPath(mustache.path);
  const isCall = params.length > 0 || Object.hasOwn(helpers, path.original);
  const value = isCall ? call(path, params) : path;
  mustache.path = pathTo(interpolate, loc);
  mustache.params = [mustache.escaped ? value : call(pathTo('markdown', loc), [value])];
}

/** Returns a literal, as in `{{"x"}}`, as a path, because Handlebars reads it as the name of a field. */
function asPath(path: hbs.AST.PathExpression | hbs.AST.Literal): hbs.AST.PathExpression {
  return 'parts' in path ? path : pathTo(String((path as hbs.AST.StringLiteral).original), path.loc);
}

function pathTo(name: string, loc: hbs.AST.SourceLocation): hbs.AST.PathExpression {
  return { type: 'PathExpression', data: false, depth: 0, parts: [name], original: name, loc };
}
