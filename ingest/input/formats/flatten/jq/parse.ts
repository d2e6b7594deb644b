import { TextCursor } from '../text-cursor.js';
import { isBuiltin } from './builtins.js';
import { type Filter, IDENTITY } from './filter.js';

const BLANKS = /(?:\s|#[^\n]*)*/y;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const NAME = /[A-Za-z_]\w*/y;
const FIELD = /\.([A-Za-z_]\w*)/y;
const ASSIGNMENT = /(?:\||\+|-|\*|\/\/?|%)?=(?!=)/y;

/** Binary operators by how weakly they bind, weakest first. */
const LEVELS: readonly {
  readonly operators: RegExp;
  readonly side: 'left' | 'right' | 'none';
}[] = [
  { operators: /\|(?!=)/y, side: 'right' },
  { operators: /,/y, side: 'left' },
  { operators: /\/\/(?!=)/y, side: 'right' },
  { operators: /or\b/y, side: 'left' },
  { operators: /and\b/y, side: 'left' },
  { operators: /==|!=|<=|>=|<|>/y, side: 'none' },
  { operators: /[+-](?!=)/y, side: 'left' },
  { operators: /\*(?!=)|\/(?![/=])|%(?!=)/y, side: 'left' },
];

/** Values of an object's members stop at a comma. */
const MEMBER_LEVEL = 2;

/** Words of jq that are not names; those that are not supported are told so. */
const KEYWORDS: ReadonlySet<string> = new Set([
  'then',
  'elif',
  'else',
  'end',
  'and',
  'or',
  'catch',
]);
const UNSUPPORTED: ReadonlySet<string> = new Set([
  'def',
  'as',
  'reduce',
  'foreach',
  'label',
  'import',
  'include',
  '__loc__',
]);

/** Deeper ones are nobody's. */
const MAX_DEPTH = 200;

/** Reads a jq filter of the supported part of the language. Throws UserError that names `field` and the piece. */
export function parseJq(text: string, field: string): Filter {
  const cursor = new TextCursor(text, field, 'a jq filter');
  const filter = new JqParser(cursor).binary(0);
  if (!cursor.isEnd) throw cursor.fail(`${describe(cursor)} cannot stand here`);
  return filter;
}

class JqParser {
  #depth = 0;

  constructor(private readonly cursor: TextCursor) {}

  /** A filter of operators of the level and of those that bind more strongly. */
  binary(level: number): Filter {
    const { operators, side } = LEVELS[level] ?? {};
    if (operators === undefined) return this.#postfix();
    if (++this.#depth > MAX_DEPTH * LEVELS.length) throw this.cursor.fail('it is nested too deep');
    let left = this.binary(level + 1);
    for (;;) {
      this.#skip();
      this.#refuseAssignment();
      const [operator] = this.cursor.match(operators) ?? [];
      if (operator === undefined) break;
      const right = this.binary(side === 'right' ? level : level + 1);
      left = { kind: 'binary', operator, left, right };
      if (side !== 'left') break;
    }
    this.#depth--;
    return left;
  }

  #refuseAssignment(): void {
    const { at } = this.cursor;
    const [operator] = this.cursor.match(ASSIGNMENT) ?? [];
    this.cursor.at = at;
    if (operator !== undefined)
      throw this.cursor.fail(`the assignment "${operator}" is not supported`);
  }

  #postfix(): Filter {
    this.#skip();
    if (this.cursor.accept('-')) return { kind: 'negate', body: this.#postfix() };
    let filter = this.#term();
    for (;;) {
      this.#skip();
      if (this.cursor.accept('?')) filter = quiet(filter);
      else if (this.cursor.next === '[') filter = this.#brackets(filter);
      else if (this.cursor.startsWith('.') && !this.cursor.startsWith('..')) {
        const next = this.#member(filter);
        if (next === null) return filter;
        filter = next;
      } else if (this.cursor.match(/as\b/y) !== null) {
        throw this.cursor.fail('variables ("as $name") are not supported');
      } else return filter;
    }
  }

  /** `.name`, `."name"` or `.[…]` behind a filter. */
  #member(target: Filter): Filter | null {
    const found = this.cursor.match(FIELD);
    if (found !== null) return { kind: 'at', target, key: { kind: 'literal', value: found[1]! } };
    if (this.cursor.startsWith('."')) {
      this.cursor.at++;
      return { kind: 'at', target, key: this.#text() };
    }
    if (!this.cursor.startsWith('.[')) return null;
    this.cursor.at++;
    return this.#brackets(target);
  }

  /** `[]`, `[key]` or `[start:end]`. */
  #brackets(target: Filter): Filter {
    this.cursor.expect('[');
    this.#skip();
    if (this.cursor.accept(']')) return { kind: 'each', target };
    const start = this.cursor.next === ':' ? null : this.binary(0);
    this.#skip();
    if (!this.cursor.accept(':')) {
      this.cursor.expect(']');
      return { kind: 'at', target, key: start! };
    }
    this.#skip();
    const end = this.cursor.next === ']' ? null : this.binary(0);
    this.#skip();
    this.cursor.expect(']');
    return { kind: 'slice', target, start, end };
  }

  #term(): Filter {
    const { cursor } = this;
    if (cursor.accept('..')) return { kind: 'recurse' };
    if (cursor.next === '.') {
      const [digits] = cursor.match(NUMBER) ?? [];
      if (digits !== undefined) return { kind: 'literal', value: Number(digits) };
      const member = this.#member(IDENTITY);
      if (member !== null) return member;
      cursor.at++;
      return IDENTITY;
    }
    if (cursor.next === '"') return this.#text();
    if (cursor.accept('(')) return this.#until(')', () => this.binary(0));
    if (cursor.accept('[')) {
      this.#skip();
      if (cursor.accept(']')) return { kind: 'list', body: null };
      return this.#until(']', () => ({ kind: 'list', body: this.binary(0) }));
    }
    if (cursor.accept('{')) return this.#object();
    const [digits] = cursor.match(NUMBER) ?? [];
    if (digits !== undefined) return { kind: 'literal', value: Number(digits) };
    return this.#word();
  }

  #until(end: string, read: () => Filter): Filter {
    const filter = read();
    this.#skip();
    this.cursor.expect(end);
    return filter;
  }

  #word(): Filter {
    const { cursor } = this;
    const start = cursor.at;
    const [name] = cursor.match(NAME) ?? [];
    if (name === undefined) throw cursor.fail(`${describe(cursor)} is not supported here`);
    if (name === 'null') return { kind: 'literal', value: null };
    if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true' };
    if (name === 'if') return this.#if();
    if (name === 'try') return this.#try();
    if (UNSUPPORTED.has(name) || KEYWORDS.has(name)) {
      cursor.at = start;
      throw cursor.fail(
        `"${name}" ${KEYWORDS.has(name) ? 'cannot stand here' : 'is not supported'}`,
      );
    }
    const given = this.#arguments();
    if (isBuiltin(name, given.length)) return { kind: 'call', name, arguments: given };
    cursor.at = start;
    throw cursor.fail(`the function ${name}/${given.length} is not supported`);
  }

  /** `(f; g)`, perhaps absent. */
  #arguments(): Filter[] {
    const given: Filter[] = [];
    if (!this.cursor.accept('(')) return given;
    do {
      given.push(this.binary(0));
      this.#skip();
    } while (this.cursor.accept(';'));
    this.cursor.expect(')');
    return given;
  }

  #if(): Filter {
    const condition = this.binary(0);
    this.#expectWord('then');
    const then = this.binary(0);
    this.#skip();
    const [word] = this.cursor.match(NAME) ?? [];
    if (word === 'elif') return { kind: 'if', condition, then, otherwise: this.#if() };
    if (word === 'end') return { kind: 'if', condition, then, otherwise: null };
    if (word !== 'else') throw this.cursor.fail('want "elif", "else" or "end" here');
    const otherwise = this.binary(0);
    this.#expectWord('end');
    return { kind: 'if', condition, then, otherwise };
  }

  #try(): Filter {
    const body = this.#postfix();
    this.#skip();
    if (!this.cursor.startsWith('catch')) return { kind: 'try', body };
    throw this.cursor.fail('"catch" is not supported');
  }

  #expectWord(word: string): void {
    this.#skip();
    const { at } = this.cursor;
    if (this.cursor.match(NAME)?.[0] === word) return;
    this.cursor.at = at;
    throw this.cursor.fail(`want "${word}" here`);
  }

  #object(): Filter {
    const entries: (readonly [Filter, Filter])[] = [];
    this.#skip();
    while (!this.cursor.accept('}')) {
      if (entries.length > 0) this.cursor.expect(',');
      entries.push(this.#entry());
      this.#skip();
    }
    return { kind: 'object', entries };
  }

  /** `name`, `name: f`, `"text": f` or `(f): g`. */
  #entry(): readonly [Filter, Filter] {
    this.#skip();
    const key = this.#key();
    this.#skip();
    if (this.cursor.accept(':')) return [key, this.binary(MEMBER_LEVEL)];
    if (key.kind !== 'literal') throw this.cursor.fail('want ":" here');
    return [key, { kind: 'at', target: IDENTITY, key }];
  }

  #key(): Filter {
    if (this.cursor.accept('(')) return this.#until(')', () => this.binary(0));
    if (this.cursor.next === '"') return this.#text();
    const [name] = this.cursor.match(NAME) ?? [];
    if (name === undefined) throw this.cursor.fail('want a name here');
    return { kind: 'literal', value: name };
  }

  /** A text in quotes, with `\(f)` in it. */
  #text(): Filter {
    const { cursor } = this;
    cursor.expect('"');
    const parts: Filter[] = [];
    let plain = '';
    while (!cursor.accept('"')) {
      if (cursor.isEnd) throw cursor.fail('the text does not end');
      if (cursor.accept('\\(')) {
        parts.push({ kind: 'literal', value: plain });
        plain = '';
        parts.push(this.#until(')', () => this.binary(0)));
      } else plain += cursor.next === '\\' ? this.#escape() : cursor.text[cursor.at++]!;
    }
    if (parts.length === 0) return { kind: 'literal', value: plain };
    return { kind: 'text', parts: [...parts, { kind: 'literal', value: plain }] };
  }

  #escape(): string {
    const [text] = this.cursor.match(/\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])/y) ?? [];
    if (text === undefined) throw this.cursor.fail('the escape is unknown');
    return JSON.parse(`"${text}"`) as string;
  }

  #skip(): void {
    this.cursor.match(BLANKS);
  }
}

/** A question mark is about the last step only: errors of what leads there stay errors. */
function quiet(filter: Filter): Filter {
  const isStep = filter.kind === 'at' || filter.kind === 'slice' || filter.kind === 'each';
  return isStep ? { ...filter, isQuiet: true } : { kind: 'try', body: filter };
}

/** What comes next, for a message. */
function describe(cursor: TextCursor): string {
  if (cursor.isEnd) return 'the end';
  const rest = cursor.text.slice(cursor.at);
  const piece = /^(?:[$@]?\w+|.)/su.exec(rest)?.[0] ?? '';
  return JSON.stringify(piece);
}
