import { counted } from '../text/counted.ts';
import { nearest } from '../text/nearest.ts';
import { checkArguments } from './check-arguments.ts';
import { offsetOf } from './engine.ts';
import type { TextFault } from './explain-fault.ts';
import { blockHelpers, signatures } from './helpers/all.ts';
import { cardFields, cardNames, contextNames, dataNames, eventFields, roomFields } from './names.ts';

type Call = Pick<hbs.AST.SubExpression, 'path' | 'params'> & { readonly hash: hbs.AST.Hash | undefined };

export interface CheckedNames {
  readonly faults: readonly TextFault[];
  /** The columns used as `object.<column>`, once per use. */
  readonly fields: readonly { readonly field: string; readonly offset: number }[];
  /** The names used that exist only on cards, once per use; `card` for the bare name, which tests for a card. */
  readonly ofCards: readonly { readonly name: string; readonly offset: number }[];
  /** The first parts of all paths: every name of the context that the text may read. */
  readonly names: ReadonlySet<string>;
}

/** Finds every unknown name in a template's text, and every call that cannot work. */
export function checkNames(text: string, program: hbs.AST.Program): CheckedNames {
  const checker = new NameChecker(text, inlinePartials(program));
  checker.visitProgram(program);
  const { faults, fields, ofCards, names } = checker;
  return { faults, fields, ofCards, names };
}

/** Walks through a template and collects what its names are used for. */
class NameChecker {
  readonly faults: TextFault[] = [];
  readonly fields: { field: string; offset: number }[] = [];
  readonly ofCards: { name: string; offset: number }[] = [];
  readonly names = new Set<string>();
  readonly #text: string;
  readonly #partials: readonly string[];
  /** Number of enclosing `{{#each}}` and `{{#with}}`. Outside of them a bare name is one of the context's. */
  #scopes = 0;
  readonly #locals: string[] = [];

  constructor(text: string, partials: readonly string[]) {
    this.#text = text;
    this.#partials = partials;
  }

  #at(node: hbs.AST.Node): number {
    return offsetOf(this.#text, node.loc.start.line, node.loc.start.column);
  }

  #fault(node: hbs.AST.Node, wrong: string, right: string): void {
    this.faults.push({ offset: this.#at(node), wrong, right });
  }

  visitProgram(node: hbs.AST.Program | undefined): void {
    if (node === undefined) return;
    this.#locals.push(...(node.blockParams ?? []));
    for (const statement of node.body) this.#visitStatement(statement);
    this.#locals.length -= node.blockParams?.length ?? 0;
  }

  #visitStatement(statement: hbs.AST.Statement): void {
    switch (statement.type) {
      case 'MustacheStatement':
        this.#visitCall(statement as hbs.AST.MustacheStatement, false);
        break;
      case 'BlockStatement':
        this.#visitBlock(statement as hbs.AST.BlockStatement);
        break;
      case 'PartialStatement':
      case 'PartialBlockStatement':
        this.#visitPartial(statement as hbs.AST.PartialStatement & { program?: hbs.AST.Program });
        break;
      case 'Decorator':
      case 'DecoratorBlock':
        this.#visitDecorator(statement as hbs.AST.DecoratorBlock);
        break;
      default:
    }
  }

  #visitBlock(block: hbs.AST.BlockStatement): void {
    this.#visitCall(block, true);
    const opensScope = block.path.original !== 'if' && block.path.original !== 'unless';
    if (opensScope) this.#scopes++;
    this.visitProgram(block.program);
    if (opensScope) this.#scopes--;
    this.visitProgram(block.inverse);
  }

  #visitPartial(node: hbs.AST.PartialStatement & { program?: hbs.AST.Program }): void {
    const name = node.name.type === 'PathExpression' ? (node.name as hbs.AST.PathExpression).original : null;
    if (name === null) this.#fault(node, 'a partial without a literal name', 'a literal name, as in {{> name}}');
    else if (!this.#partials.includes(name)) {
      const near = nearest(name, this.#partials);
      this.#fault(
        node.name,
        `no partial "${name}" in this template`,
        near ?? `{{#*inline "${name}"}}…{{/inline}} before it`,
      );
    }
    this.#visitArguments(node.params, node.hash);
    this.visitProgram(node.program);
  }

  #visitDecorator(node: hbs.AST.DecoratorBlock): void {
    if (node.path.original !== 'inline' || inlineName(node) === null) {
      this.#fault(node, `{{*${node.path.original}}} is unknown`, '{{#*inline "name"}}…{{/inline}}');
    }
    // Called with any context, so bare names may be anything.
    this.#scopes++;
    this.visitProgram(node.program);
    this.#scopes--;
  }

  #visitCall(call: Call | hbs.AST.MustacheStatement, isBlock: boolean): void {
    const { path, params, hash } = call;
    if (path.type !== 'PathExpression') return;
    const named = path as hbs.AST.PathExpression;
    const name = named.original;
    const signature = isBareName(named) ? signatures.get(name) : undefined;
    if (signature !== undefined) {
      const count = params.length;
      if (!isBlock && blockHelpers.has(name))
        this.#fault(named, `"${name}" is a block`, `{{${signature.usage}}}…{{/${name}}}`);
      else if (isBlock && !blockHelpers.has(name))
        this.#fault(named, `"${name}" is not a block`, `{{#if (${signature.usage})}}`);
      else if (count < signature.least || count > signature.most) {
        // A column of the same name may be meant: `{{link}}` inside {{#with object}}.
        const column = count === 0 ? `, or this.${name} for the value of that name` : '';
        this.#fault(named, `"${name}" with ${counted(count, 'argument')}`, `${signature.usage}${column}`);
      } else
        for (const { argument, wrong, right } of checkArguments(name, signature.usage, params))
          this.#fault(argument, wrong, right);
      if ((hash?.pairs.length ?? 0) > 0 && !(name === 'if' || name === 'unless')) {
        this.#fault(hash!, `"${name}" takes no named arguments`, signature.usage);
      }
    } else if (params.length > 0 || (hash?.pairs.length ?? 0) > 0) {
      const near = nearest(name, [...signatures.keys()]);
      this.#fault(named, `no helper "${name}"`, near ?? `one of ${[...signatures.keys()].sort().join(', ')}`);
    } else this.#visitPath(named);
    this.#visitArguments(params, hash);
  }

  #visitArguments(params: readonly hbs.AST.Expression[], hash: hbs.AST.Hash | undefined): void {
    for (const value of [...params, ...(hash?.pairs ?? []).map((pair) => pair.value)]) {
      if (value.type === 'SubExpression') this.#visitCall(value as hbs.AST.SubExpression, false);
      else if (value.type === 'PathExpression') this.#visitPath(value as hbs.AST.PathExpression);
    }
  }

  #visitPath(path: hbs.AST.PathExpression): void {
    const parts = path.parts.map(String);
    const [first, second] = parts;
    if (first === undefined) return;
    this.names.add(path.data && second !== undefined ? second : first);
    if (path.data) {
      if (first === 'root') this.#visitNames(path, parts.slice(1));
      else if (!isOneOf(dataNames, first)) this.#refuse(path, '@', first, dataNames);
    } else if (path.depth === 0 && this.#locals.includes(first)) {
      // It is a block parameter.
    } else if (path.depth === this.#scopes) this.#visitNames(path, parts);
    else if (first === 'object') this.#visitNames(path, parts);
  }

  /** Checks a path from the context's root. */
  #visitNames(path: hbs.AST.PathExpression, [name, field]: readonly string[]): void {
    if (name === undefined) return;
    if (isOneOf(cardNames, name))
      this.ofCards.push({ name: field === undefined ? name : `${name}.${field}`, offset: this.#at(path) });
    if (!isOneOf(contextNames, name)) this.#refuse(path, '', name, contextNames);
    else if (field === undefined) return;
    else if (name === 'object') this.fields.push({ field, offset: this.#fieldOffset(path, field) });
    else if (Object.hasOwn(fieldsOf, name)) {
      const known = fieldsOf[name as keyof typeof fieldsOf];
      if (!isOneOf(known, field)) this.#refuse(path, `${name}.`, field, known);
    }
  }

  #refuse(path: hbs.AST.PathExpression, prefix: string, name: string, known: readonly string[]): void {
    const near = nearest(name, known);
    const right = near === null ? `one of ${known.map((one) => prefix + one).join(', ')}` : prefix + near;
    const isColumn = prefix === '' && path.parts.length === 1 && near !== 'object';
    this.#fault(path, `unknown name "${prefix}${name}"`, isColumn ? `object.${name} for a column, or ${right}` : right);
  }

  /** Returns the offset of the column's name in `object.<column>`, in any notation. */
  #fieldOffset(path: hbs.AST.PathExpression, field: string): number {
    const end = offsetOf(this.#text, path.loc.end.line, path.loc.end.column);
    const start = this.#at(path);
    const object = this.#text.indexOf('object', start);
    const found = this.#text.indexOf(field, object + 'object'.length);
    return object !== -1 && found !== -1 && found < end ? found : start;
  }
}

/** Names in the context whose fields are all known. */
const fieldsOf = { event: eventFields, room: roomFields, card: cardFields } as const;

function isOneOf(known: readonly string[], name: string): boolean {
  return known.includes(name);
}

/** Returns true for `name`, but not for `this.name`, `../name`, `name.field` or `@name`. */
function isBareName(path: hbs.AST.PathExpression): boolean {
  return path.parts.length === 1 && !path.data && path.depth === 0 && !/^(?:this\b|\.)/.test(path.original);
}

function inlineName(node: hbs.AST.DecoratorBlock): string | null {
  const [name] = node.params;
  return name?.type === 'StringLiteral' ? (name as hbs.AST.StringLiteral).value : null;
}

/** Returns the names of the inline partials that the text defines anywhere. */
function inlinePartials(program: hbs.AST.Program | undefined): readonly string[] {
  return (program?.body ?? []).flatMap((statement) => {
    const block = statement as hbs.AST.BlockStatement;
    const name = statement.type === 'DecoratorBlock' ? inlineName(block as hbs.AST.DecoratorBlock) : null;
    return [...(name === null ? [] : [name]), ...inlinePartials(block.program), ...inlinePartials(block.inverse)];
  });
}
