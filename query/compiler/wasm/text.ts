import type { Code } from './code.js';
import type { FunctionBuilder } from './module.js';

const MAX_WIDTH = 110;

/** The function as folded WebAssembly text, for people. */
export function printFunction(fn: FunctionBuilder): string {
  const [parameters, locals] = [
    fn.locals.slice(0, fn.parameterCount),
    fn.locals.slice(fn.parameterCount),
  ];
  const head = [
    `(func $${fn.name}`,
    ...parameters.map(({ name, type }) => `(param $${name} ${type})`),
    ...(fn.result === 'void' ? [] : [`(result ${fn.result})`]),
  ].join(' ');
  const lines = locals.map(({ name, type }) => `  (local $${name} ${type})`);
  return [head, ...lines, ...fn.body.flatMap((code) => indented(printed(code)))]
    .join('\n')
    .concat(')\n');
}

/** Lines of a tree: one where it fits, else its parts below each other. */
function printed(code: Code): string[] {
  const { head, parts } = headAndParts(code);
  const lists = parts.map(printed);
  const flat = [head, ...lists.flat()].join(' ');
  const isBlock = code.kind === 'block' || code.kind === 'loop';
  if (!isBlock && lists.every(({ length }) => length === 1) && flat.length < MAX_WIDTH) {
    return [`(${flat})`];
  }
  const lines = [`(${head}`, ...lists.flatMap(indented)];
  lines[lines.length - 1] += ')';
  return lines;
}

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

function headAndParts(code: Code): { head: string; parts: readonly Code[] } {
  switch (code.kind) {
    case 'const':
      return { head: `${code.gives}.const ${code.value}`, parts: [] };
    case 'get':
      return { head: `local.get $${code.local.name}`, parts: [] };
    case 'set':
    case 'tee':
      return { head: `local.${code.kind} $${code.local.name}`, parts: [code.value] };
    case 'op':
      return { head: code.name, parts: code.args };
    case 'memory':
      return {
        head: code.offset === 0 ? code.name : `${code.name} offset=${code.offset}`,
        parts: code.args,
      };
    case 'select':
      return { head: 'select', parts: code.args };
    case 'return':
      return { head: 'return', parts: [code.value] };
    case 'br':
      return {
        head: `${code.test === null ? 'br' : 'br_if'} $${code.label.name}`,
        parts: code.test === null ? [] : [code.test],
      };
    case 'block':
    case 'loop':
      return { head: `${code.kind} $${code.label.name}`, parts: code.body };
    case 'if': {
      const branches = [branch('then', code.yes)];
      if (code.no.length > 0) branches.push(branch('else', code.no));
      const head = code.gives === 'void' ? 'if' : `if (result ${code.gives})`;
      return { head, parts: [code.test, ...branches] };
    }
  }
}

/** Stands for `(then …)` and `(else …)`, which are no instructions. */
const branch = (name: string, body: readonly Code[]): Code => ({
  kind: 'op',
  name,
  args: body,
  gives: 'void',
});
