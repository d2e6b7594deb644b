import { ResourceLimitError } from '../../core/index.js';
import { INSTRUCTION, Op, type RegexProgram } from './program.js';
import type { Edge } from './tree.js';

/** Steps beyond what is linear in the texts: under a second of work. */
const SPARE_STEPS = 20_000_000;
/** Steps for each instruction and character: enough for every pattern without look-arounds and references. */
const STEPS_PER_INSTRUCTION = 8;
const STACK_MAX = 16_777_216;
const MEMO_WORDS_MAX = 16_777_216;
/** A stack that grew longer is not kept between texts. */
const STACK_KEPT = 16_384;

/**
 * Matches by backtracking, as Java does, and remembers where that failed: Davis, Servant and Lee, "Using
 * Selective Memoization to Defeat Regular Expression Denial of Service" (IEEE S&P 2021). What follows an
 * instruction fails or not by the position alone, but for references, where nothing is remembered, and for
 * repeats around it whose iteration has read nothing yet, which are part of what is remembered. So no place
 * after a join is tried twice at one position, and time is linear in the text.
 *
 * Look-arounds that succeed are run again, and references are not remembered at all: a budget of steps ends those.
 */
export class Matcher {
  #text = '';
  /** Steps that may still be taken, now and when the text began. */
  #allowance: number;
  #granted: number;
  #registers: Int32Array;
  /** Pairs: an instruction (0 and above) to go on at, and where; a register (below 0) and its value before; a fact to put down. */
  #stack = new Int32Array(256);
  #top = 0;
  /** For each memo and count of repeats without progress, the positions where it failed. */
  #failures: (Uint32Array | undefined)[] = [];
  #memoWords = 0;
  /** Where the rows of each memo begin in `failures`. */
  readonly #firstRows: readonly number[];
  /** Stack tags at and below it are facts. */
  readonly #firstFact: number;

  constructor(
    readonly program: RegexProgram,
    /** For messages. */
    readonly pattern: string,
    readonly spareSteps = SPARE_STEPS,
  ) {
    this.#allowance = spareSteps;
    this.#granted = spareSteps;
    this.#registers = new Int32Array(program.registerCount);
    this.#firstFact = -1 - program.registerCount;
    let rows = 0;
    this.#firstRows = program.memos.map(({ length }) => {
      rows += length + 1;
      return rows - length - 1;
    });
  }

  /** Taken for the text so far. */
  get steps(): number {
    return this.#granted - this.#allowance;
  }

  /** Starts on another text. */
  begin(text: string): void {
    this.#text = text;
    this.#failures = [];
    this.#memoWords = 0;
    if (this.#stack.length > STACK_KEPT) this.#stack = new Int32Array(256);
    const instructions = this.program.code.length / INSTRUCTION;
    this.#allowance =
      Math.min(this.#allowance, this.spareSteps) +
      STEPS_PER_INSTRUCTION * instructions * (text.length + 1);
    this.#granted = this.#allowance;
  }

  /** Starts and ends of the groups of the leftmost match at `from` or after it, -1 where one took no part; null without a match. */
  find(from: number): Int32Array | null {
    for (
      let start = from;
      start <= this.#text.length;
      start += widthOf(codeAt(this.#text, start))
    ) {
      this.#registers.fill(-1);
      this.#top = 0;
      if (this.#run(0, start) >= 0) return this.#registers.slice();
    }
    return null;
  }

  /** Goes on up to `accept`; returns the position there, or -1. */
  #run(from: number, start: number): number {
    const { code } = this.program;
    const base = this.#top;
    let pc = from;
    let at = start;
    for (;;) {
      if (--this.#allowance < 0) throw this.#exhausted('steps', this.spareSteps);
      const op = code[pc]!;
      if (op === Op.split) {
        this.#push(code[pc + 2]!, at);
        pc = code[pc + 1]!;
      } else if (op === Op.jump) {
        pc = code[pc + 1]!;
      } else if (op === Op.progress) {
        pc = this.#registers[code[pc + 1]!] === at ? code[pc + 2]! : pc + INSTRUCTION;
      } else if (op === Op.accept) {
        this.#top = base;
        return at;
      } else {
        const next = this.#step(op, pc, at);
        if (next >= 0) {
          pc = op === Op.look ? code[pc + 1]! : pc + INSTRUCTION;
          at = next;
        } else {
          if (!this.#backtrack(base)) return -1;
          pc = this.#stack[this.#top]!;
          at = this.#stack[this.#top + 1]!;
        }
      }
    }
  }

  /** Where an instruction leaves the position; -1 where it fails. */
  #step(op: number, pc: number, at: number): number {
    const first = this.program.code[pc + 1]!;
    const second = this.program.code[pc + 2]!;
    switch (op) {
      case Op.set:
        return this.#readSet(first, second === 1, at);
      case Op.edge:
        return this.#isAtEdge(this.program.edges[first]!, at) ? at : -1;
      case Op.save:
        this.#put(first, at);
        return at;
      case Op.capture: {
        const began = this.#registers[first]!;
        this.#put(second, began);
        this.#put(second ^ 1, at);
        return at;
      }
      case Op.remember:
        return this.#isFailure(first, at) ? -1 : at;
      case Op.look:
        return this.#look(pc + INSTRUCTION, second === 1, at) ? at : -1;
      default:
        return this.#readReference(first, second === 1, at);
    }
  }

  /** Undoes up to the last choice, and leaves it just above the top of the stack. */
  #backtrack(base: number): boolean {
    while (this.#top > base) {
      this.#top -= 2;
      const tag = this.#stack[this.#top]!;
      const value = this.#stack[this.#top + 1]!;
      if (tag >= 0) return true;
      if (tag > this.#firstFact) this.#registers[-1 - tag] = value;
      else this.#putFailure(this.#firstFact - tag, value);
    }
    return false;
  }

  #push(tag: number, value: number): void {
    if (this.#top === this.#stack.length) {
      if (this.#top >= STACK_MAX) throw this.#exhausted('places to go back to', STACK_MAX);
      const longer = new Int32Array(2 * this.#stack.length);
      longer.set(this.#stack);
      this.#stack = longer;
    }
    this.#stack[this.#top++] = tag;
    this.#stack[this.#top++] = value;
  }

  #put(register: number, value: number): void {
    const before = this.#registers[register]!;
    if (before === value) return;
    this.#push(-1 - register, before);
    this.#registers[register] = value;
  }

  /** Whether a place has failed; if not, backtracking over this will tell that it has. */
  #isFailure(memo: number, at: number): boolean {
    let row = this.#firstRows[memo]!;
    for (const register of this.program.memos[memo]!) {
      if (this.#registers[register] !== at) break;
      row++;
    }
    const words = this.#failures[row];
    if (words !== undefined && (words[at >>> 5]! & (1 << (at & 31))) !== 0) return true;
    this.#push(this.#firstFact - row, at);
    return false;
  }

  #putFailure(row: number, at: number): void {
    let words = this.#failures[row];
    if (words === undefined) {
      words = new Uint32Array((this.#text.length >>> 5) + 1);
      this.#memoWords += words.length;
      if (this.#memoWords > MEMO_WORDS_MAX) throw this.#exhausted('words', MEMO_WORDS_MAX);
      this.#failures[row] = words;
    }
    words[at >>> 5]! |= 1 << (at & 31);
  }

  /** A look-around keeps the groups that it matched, unless it is negated, and is not tried in another way. */
  #look(body: number, isNegated: boolean, at: number): boolean {
    const before = this.#registers.slice();
    this.#allowance -= before.length >>> 3;
    const isFound = this.#run(body, at) >= 0;
    const after = this.#registers;
    this.#registers = before;
    if (isFound && !isNegated) {
      for (const [register, value] of after.entries()) this.#put(register, value);
    }
    return isFound !== isNegated;
  }

  #readSet(set: number, isBackward: boolean, at: number): number {
    const code = isBackward ? codeBefore(this.#text, at) : codeAt(this.#text, at);
    if (code < 0 || !this.program.sets[set]!(code)) return -1;
    return isBackward ? at - widthOf(code) : at + widthOf(code);
  }

  #readReference(group: number, isBackward: boolean, from: number): number {
    const start = this.#registers[2 * group]!;
    const end = this.#registers[2 * group + 1]!;
    if (start < 0 || end < 0) return -1;
    let at = from;
    const read = isBackward ? codeBefore : codeAt;
    for (let k = isBackward ? end : start; k !== (isBackward ? start : end); ) {
      const wanted = read(this.#text, k);
      const code = read(this.#text, at);
      this.#allowance--;
      if (code < 0 || !this.program.isSame(wanted, code)) return -1;
      k += isBackward ? -widthOf(wanted) : widthOf(wanted);
      at += isBackward ? -widthOf(code) : widthOf(code);
    }
    return at;
  }

  #isAtEdge(edge: Edge, at: number): boolean {
    const text = this.#text;
    switch (edge) {
      case 'start':
        return at === 0;
      case 'end':
        return at === text.length;
      case 'endOfInput':
        if (at === text.length) return true;
        return at + 2 >= text.length && isLineEnd(text.slice(at)) && !this.#isInBreak(at);
      case 'startOfLine':
        return at < text.length && (at === 0 || isLineEnd(text[at - 1]!)) && !this.#isInBreak(at);
      case 'endOfLine':
        return at === text.length || (isLineEnd(text[at]!) && !this.#isInBreak(at));
      default:
        return (this.#isWord(at - 1) !== this.#isWord(at)) === (edge === 'word');
    }
  }

  /** Whether this is the middle of a line break of two characters. */
  #isInBreak(at: number): boolean {
    return this.#text[at] === '\n' && this.#text[at - 1] === '\r';
  }

  #isWord(at: number): boolean {
    const code = this.#text.charCodeAt(at);
    return !Number.isNaN(code) && this.program.isWord(code);
  }

  #exhausted(what: string, limit: number): ResourceLimitError {
    return new ResourceLimitError(
      `the regular expression ${JSON.stringify(this.pattern.slice(0, 200))} takes more than ${limit} ${what} over a text of ${this.#text.length} characters; ` +
        'write it without back-references and look-arounds, with fewer and less nested repeats',
      limit,
      limit + 1,
    );
  }
}

/** How many units of a text a code point takes. */
export const widthOf = (code: number): number => (code > 0xffff ? 2 : 1);

/** The code point that begins at a position; -1 at the end. */
const codeAt = (text: string, at: number): number => text.codePointAt(at) ?? -1;

/** The code point that ends at a position; -1 at the start. */
function codeBefore(text: string, at: number): number {
  if (at === 0) return -1;
  const pair = at >= 2 ? text.codePointAt(at - 2)! : 0;
  return pair > 0xffff ? pair : text.charCodeAt(at - 1);
}

const isLineEnd = (text: string): boolean => /^(?:\r\n|[\n\r\u0085\u2028\u2029])$/.test(text);
