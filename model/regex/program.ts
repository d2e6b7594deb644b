import { type CharacterSet, characterSet } from './character-set.js';
import {
  type Edge,
  isNullable,
  namedGroups,
  nodesOf,
  type RegexNode,
  type RepeatNode,
} from './tree.js';

/** What an instruction does; each takes OPERANDS numbers, of which some go unused. */
export const Op = {
  /** [set, isBackward] one character of a set. */
  set: 0,
  /** [edge] a place between characters. */
  edge: 1,
  /** [first, second] goes on at the first, later at the second. */
  split: 2,
  /** [target] */
  jump: 3,
  /** [register] puts the position down. */
  save: 4,
  /** [register, to] puts down both ends of a group: where it began, in the register `to`, and here, in the other one. */
  capture: 5,
  /** [register, exit] goes to the exit where nothing was read since the position was put down. */
  progress: 6,
  /** [memo] fails where what follows has failed at this position before. */
  remember: 7,
  /** [end, isNegated] runs what follows up to its `accept`, reads nothing and goes on at `end`. */
  look: 8,
  /** [group, isBackward] what the group has matched last; fails where it has not. */
  reference: 9,
  accept: 10,
} as const;

const OPERANDS = 2;
export const INSTRUCTION = 1 + OPERANDS;

/** A pattern as instructions for the matcher. */
export interface RegexProgram {
  readonly code: Int32Array;
  readonly sets: readonly CharacterSet[];
  readonly edges: readonly Edge[];
  readonly groupCount: number;
  /** Start and end of the whole match and of each group, then where groups and repeats began. */
  readonly registerCount: number;
  /** For each memo the registers of the repeats around it, from the innermost. */
  readonly memos: readonly (readonly number[])[];
  /** Words, for \b. */
  readonly isWord: CharacterSet;
  /** Whether two characters are one, when case may be ignored. */
  readonly isSame: (left: number, right: number) => boolean;
}

/** Translates a tree. Failures are remembered at joins, except where a reference makes them depend on more than the place. */
export function compileProgram(tree: RegexNode, flags: string, groupCount: number): RegexProgram {
  return new ProgramBuilder(tree, flags, groupCount).build();
}

class ProgramBuilder {
  readonly #code: number[] = [];
  readonly #sets: CharacterSet[] = [];
  readonly #setIndexes = new Map<string, number>();
  readonly #edges: Edge[] = [];
  readonly #memos: (readonly number[])[] = [];
  readonly #names: ReadonlyMap<string, number>;
  readonly #remembers: boolean;
  #registerCount: number;
  /** Registers of the repeats around the node that is being translated, from the innermost. */
  #around: readonly number[] = [];

  constructor(
    readonly tree: RegexNode,
    readonly flags: string,
    readonly groupCount: number,
  ) {
    this.#registerCount = 2 * (groupCount + 1);
    this.#remembers = [...nodesOf(tree)].every((node) => node.kind !== 'reference');
    this.#names = namedGroups(tree);
  }

  build(): RegexProgram {
    this.#add(Op.save, 0);
    this.#node(this.tree, false);
    this.#add(Op.save, 1);
    this.#add(Op.accept);
    return {
      code: Int32Array.from(this.#code),
      sets: this.#sets,
      edges: this.#edges,
      groupCount: this.groupCount,
      registerCount: this.#registerCount,
      memos: this.#memos,
      isWord: characterSet('\\w', this.flags),
      isSame: this.flags.includes('i') ? foldingEquality(this.flags) : (a, b) => a === b,
    };
  }

  #node(node: RegexNode, isBackward: boolean): void {
    switch (node.kind) {
      case 'set':
        this.#add(Op.set, this.#set(node.source), Number(isBackward));
        break;
      case 'edge':
        this.#add(Op.edge, this.#edges.push(node.edge) - 1);
        break;
      case 'sequence':
        for (const part of isBackward ? node.parts.toReversed() : node.parts) {
          this.#node(part, isBackward);
        }
        break;
      case 'choice':
        this.#choice(node.options, isBackward);
        break;
      case 'group':
        this.#group(node.index, node.body, isBackward);
        break;
      case 'look': {
        const look = this.#add(Op.look, 0, Number(node.isNegated));
        const around = this.#around;
        this.#around = [];
        this.#node(node.body, node.isBehind);
        this.#around = around;
        this.#add(Op.accept);
        this.#code[look + 1] = this.#code.length;
        break;
      }
      case 'reference': {
        const group = typeof node.group === 'number' ? node.group : this.#names.get(node.group)!;
        this.#add(Op.reference, group, Number(isBackward));
        break;
      }
      case 'repeat':
        this.#repeat(node, isBackward);
    }
  }

  #choice(options: readonly RegexNode[], isBackward: boolean): void {
    const ends: number[] = [];
    for (const [i, option] of options.entries()) {
      const isLast = i === options.length - 1;
      const split = isLast ? -1 : this.#add(Op.split, this.#code.length + INSTRUCTION);
      this.#node(option, isBackward);
      if (isLast) break;
      ends.push(this.#add(Op.jump));
      this.#code[split + 2] = this.#code.length;
    }
    for (const end of ends) this.#code[end + 1] = this.#code.length;
    this.#remember();
  }

  /** Until it is done, a group has what it matched before. */
  #group(index: number, body: RegexNode, isBackward: boolean): void {
    const began = this.#registerCount++;
    this.#add(Op.save, began);
    this.#node(body, isBackward);
    this.#add(Op.capture, began, 2 * index + Number(isBackward));
  }

  /** Counted iterations are written out. One that reads nothing is the last. */
  #repeat(node: RepeatNode, isBackward: boolean): void {
    const isEndless = !Number.isFinite(node.max);
    const optional = isEndless ? 1 : node.max - node.min;
    const register = isNullable(node.body) && node.max > 1 ? this.#registerCount++ : null;
    const exits: number[] = [];
    for (let i = 0; i < node.min; i++) this.#iteration(node, isBackward, register, exits);
    for (let i = 0; i < optional; i++) {
      const head = this.#code.length;
      if (isEndless) this.#remember();
      const split = this.#add(Op.split);
      this.#code[split + 1 + Number(node.isLazy)] = this.#code.length;
      exits.push(split + 2 - Number(node.isLazy));
      this.#iteration(node, isBackward, register, exits);
      if (isEndless) this.#add(Op.jump, head);
    }
    for (const exit of exits) this.#code[exit] = this.#code.length;
    if (exits.length > 1) this.#remember();
  }

  /** `register`, where the body may read nothing, is for the position at its start. */
  #iteration(
    { body }: RepeatNode,
    isBackward: boolean,
    register: number | null,
    exits: number[],
  ): void {
    const around = this.#around;
    if (register !== null) {
      this.#add(Op.save, register);
      this.#around = [register, ...around];
    }
    this.#node(body, isBackward);
    if (register !== null) exits.push(this.#add(Op.progress, register) + 2);
    this.#around = around;
  }

  #remember(): void {
    if (this.#remembers) this.#add(Op.remember, this.#memos.push(this.#around) - 1);
  }

  #set(source: string): number {
    const known = this.#setIndexes.get(source);
    if (known !== undefined) return known;
    const index = this.#sets.push(characterSet(source, this.flags)) - 1;
    this.#setIndexes.set(source, index);
    return index;
  }

  /** Returns where the instruction is. */
  #add(op: number, first = 0, second = 0): number {
    return this.#code.push(op, first, second) - INSTRUCTION;
  }
}

/** Compares as the flag i does. */
function foldingEquality(flags: string): (left: number, right: number) => boolean {
  const folded = new Map<number, CharacterSet>();
  return (left, right) => {
    if (left === right) return true;
    let same = folded.get(left);
    if (same === undefined) {
      same = characterSet(`[\\u{${left.toString(16)}}]`, flags);
      folded.set(left, same);
    }
    return same(right);
  };
}
