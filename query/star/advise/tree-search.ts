import { fitOf } from './asked-planner.js';
import type { DistinctCounts } from './distinct-counts.js';
import { queryRecords, setsOf } from './expected-records.js';
import type { Facts } from './facts.js';
import { type Need, readsOf, treeFor } from './need.js';
import { type Candidate, type Gain, gainOf } from './proposal.js';
import { isWorth, MAX_SHARE, sizeOf, type TreeSize } from './tree-size.js';
import type { WouldBeTree } from './would-be-tree.js';

/** As many trees are proposed at most: each takes space, and time whenever a segment is written. */
const MAX_TREES = 4;

/** So many are looked for, before some are made one. */
const MAX_SEEDS = 8;

/** As many are tried in a step: those of the queries that took longest. */
const TRIED = 8;

/** What a tree costs however small it is, as a share of its segment: of two that spare about the same for each byte, one has to do. */
const FIXED_SHARE = 0.05;

/** Of the logged time, or of the rows that were looked at: what a tree has to spare. */
const LEAST_SPARED = 0.01;

/** Of the time that trees spare: what one less has to spare as well. */
const NEARLY = 0.98;

export interface Search {
  readonly chosen: readonly Candidate[];
  /** What no chosen tree answers, and why. */
  readonly left: readonly { readonly need: Need; readonly reason: string }[];
}

/**
 * Chooses trees greedily: begins with the queries whose own tree spares the most time for its bytes, adds what queries raise that,
 * and goes on with the queries that are left. Then makes one of two where that takes less space, or where they are too many.
 */
export class TreeSearch {
  readonly #refused = new Map<Need, string>();

  constructor(
    private readonly facts: Facts,
    private readonly counts: DistinctCounts,
  ) {}

  async run(needs: readonly Need[]): Promise<Search> {
    await this.#countSingles(needs);
    const found: Candidate[] = [];
    let left = [...needs].sort((a, b) => b.ms - a.ms);
    while (found.length < MAX_SEEDS && left.length > 0) {
      const best = await this.#best(left);
      if (best === null || !isMuch(best, needs)) break;
      found.push(best);
      left = left.filter((need) => !isAnswered(best, need));
    }
    const chosen = this.#withoutSpare(await this.#merged(found));
    const answered = new Set(chosen.flatMap(needsOf));
    await this.#countExactly(chosen);
    const trees = chosen.map(({ tree }) => tree);
    return {
      chosen: this.#assigned(trees, [...answered]).map((each) => this.#settled(each)),
      left: needs
        .filter((need) => !answered.has(need))
        .map((need) => ({ need, reason: this.#reason(need, chosen.length) })),
    };
  }

  /** Makes one tree of two as long as that takes less, or there are too many; those that spare least go where that does not help. */
  async #merged(found: readonly Candidate[]): Promise<readonly Candidate[]> {
    let trees = [...found].sort((a, b) => b.sparedMs - a.sparedMs);
    for (;;) {
      const pair = await this.#bestPair(trees);
      const isTooMany = trees.length > MAX_TREES;
      if (pair === null || (pair.addedBytes >= 0 && !isTooMany)) return trees.slice(0, MAX_TREES);
      trees = [...trees.filter((each) => !pair.parts.includes(each)), pair.tree];
      trees.sort((a, b) => b.sparedMs - a.sparedMs);
    }
  }

  /** The two trees that take least more, or spare most, as one; null where no two may be one. */
  async #bestPair(trees: readonly Candidate[]) {
    const pairs = trees.flatMap((a, i) => trees.slice(i + 1).map((b) => [a, b] as const));
    const needs = pairs.map((pair) => pair.flatMap(needsOf));
    const made = needs.map((each) => treeFor(each, this.facts, this.counts));
    await this.counts.count(made.map(({ dimensions }) => dimensions));
    const fixedBytes = FIXED_SHARE * this.facts.sizeBytes;
    const merged = pairs.map((parts, i) => {
      const tree = this.#measured(made[i]!, needs[i]!);
      const [a, b] = parts;
      const apartBytes = a.size.sizeBytes + b.size.sizeBytes + fixedBytes;
      return { parts, tree, addedBytes: tree.size.sizeBytes - apartBytes };
    });
    const [best] = merged
      .filter(({ tree: { size } }) => isWorth(size, this.counts.rowCount))
      .filter(({ tree, parts: [a, b] }) => tree.sparedMs > NEARLY * (a.sparedMs + b.sparedMs))
      .sort((a, b) => a.addedBytes - b.addedBytes);
    return best ?? null;
  }

  /** Each query to the tree that makes it read least; those of trees to which none comes are left out. */
  #assigned(trees: readonly WouldBeTree[], needs: readonly Need[]): Candidate[] {
    const members = trees.map((): Need[] => []);
    for (const need of needs) {
      const rows = trees.map((tree) => {
        const [gain] = this.#measured(tree, [need]).gains;
        return gain?.rowsAfter ?? Number.POSITIVE_INFINITY;
      });
      members[rows.indexOf(Math.min(...rows))]!.push(need);
    }
    return trees.flatMap((tree, i) =>
      members[i]!.length === 0 ? [] : [this.#measured(tree, members[i]!)],
    );
  }

  /** Without a tree whose queries the others answer as well, or nearly so. */
  #withoutSpare(chosen: readonly Candidate[]): readonly Candidate[] {
    const needs = chosen.flatMap(needsOf);
    const sparedOf = (some: readonly Candidate[]) =>
      some.reduce((sum, { sparedMs }) => sum + sparedMs, 0);
    const spared = sparedOf(chosen);
    for (const spare of chosen) {
      const others = chosen.filter((each) => each !== spare).map(({ tree }) => tree);
      const answersAll = needs.every((need) =>
        others.some((tree) => fitOf(tree, need.record.shape, this.facts) !== 'none'),
      );
      if (!answersAll) continue;
      const fewer = this.#assigned(others, needs);
      if (sparedOf(fewer) > NEARLY * spared) return fewer;
    }
    return chosen;
  }

  /** Dimensions that nobody has counted the values of. */
  async #countSingles(needs: readonly Need[]): Promise<void> {
    const names = [...new Set(needs.flatMap(({ dimensions }) => dimensions))];
    for (const name of names) {
      const known = this.facts.cardinality(name);
      if (known !== null) this.counts.learn([{ name }], Math.max(1, known));
    }
    const times = needs.flatMap((need) => treeFor([need], this.facts, null).dimensions);
    await this.counts.count([...names.map((name) => [{ name }]), ...times.map((each) => [each])]);
  }

  /** The tree that spares the most for its bytes, of the queries that are left. */
  async #best(left: readonly Need[]): Promise<Candidate | null> {
    let best: Candidate | null = null;
    let members: readonly Need[] = [];
    for (let isBetter = true; isBetter; ) {
      const others = left.filter((need) => !isAnswered(best, need) && !this.#refused.has(need));
      const steps = others.slice(0, TRIED).map((need) => [...members, need]);
      const trees = steps.map((step) => treeFor(step, this.facts, this.counts));
      await this.counts.count(trees.map(({ dimensions }) => dimensions));
      isBetter = false;
      for (const [i, tree] of trees.entries()) {
        const size = sizeOf(tree, this.facts, this.counts);
        if (!isWorth(size, this.counts.rowCount)) {
          if (members.length === 0) this.#refuse(steps[i]![0]!, tree, size);
          continue;
        }
        const candidate = this.#measured(tree, left);
        if (!isAnswered(candidate, steps[i]!.at(-1)!)) {
          this.#refused.set(steps[i]!.at(-1)!, 'no tree of its columns is used for it');
          continue;
        }
        if (best !== null && this.#value(candidate) <= this.#value(best)) continue;
        best = candidate;
        members = steps[i]!;
        isBetter = true;
      }
    }
    return best;
  }

  /** A tree for no more than the queries that it answers: dimensions that all of these read need no star children. */
  #settled(candidate: Candidate): Candidate {
    const answered = needsOf(candidate);
    return this.#measured(treeFor(answered, this.facts, this.counts), answered);
  }

  /** What the tree gives to those of the queries that it answers. */
  #measured(tree: WouldBeTree, needs: readonly Need[]): Candidate {
    const { facts, counts } = this;
    const gains = needs.flatMap((need): Gain[] => {
      const fit = fitOf(tree, need.record.shape, facts);
      if (fit === 'none') return [];
      const records = queryRecords(tree, readsOf(need, facts), counts);
      return [gainOf(need, fit, records, facts)];
    });
    const sparedMs = gains.reduce((sum, { need, msAfter }) => sum + need.ms - msAfter, 0);
    return { tree, gains, sparedMs, size: sizeOf(tree, facts, counts) };
  }

  /** Spared time for each byte. */
  #value({ sparedMs, size }: Candidate): number {
    return sparedMs / (size.sizeBytes + FIXED_SHARE * this.facts.sizeBytes);
  }

  async #countExactly(chosen: readonly Candidate[]): Promise<void> {
    await this.counts.count(
      chosen.flatMap(({ tree, gains }) =>
        gains.flatMap(({ need }) => setsOf(tree, readsOf(need, this.facts))),
      ),
    );
  }

  #refuse(need: Need, { dimensions }: WouldBeTree, { records, sizeShare }: TreeSize): void {
    const [largest] = [...dimensions].sort((a, b) => this.counts.of([b]) - this.counts.of([a]));
    const cause =
      largest === undefined
        ? ''
        : `, most of it for ${JSON.stringify(largest.name)}, which has ${this.counts.of([largest])} values`;
    this.#refused.set(
      need,
      records >= this.counts.rowCount
        ? `a tree for it would have as many records as there are rows${cause}`
        : `a tree for it would take ${percent(sizeShare)} of the segment, ${percent(MAX_SHARE)} are allowed${cause}`,
    );
  }

  #reason(need: Need, trees: number): string {
    const refused = this.#refused.get(need);
    if (refused !== undefined) return refused;
    return trees === MAX_TREES
      ? `none of the ${MAX_TREES} trees that are proposed at most answers it`
      : 'a tree for it would spare too little time';
  }
}

/**
 * Whether a tree spares enough. By time alone one query that had to wait, be it for threads to start, would make the others look as if they
 * took nothing; rows are the same whenever it is asked.
 */
function isMuch({ gains, sparedMs }: Candidate, needs: readonly Need[]): boolean {
  const totalMs = needs.reduce((sum, { ms }) => sum + ms, 0);
  const totalRows = needs.reduce((sum, { rows }) => sum + rows, 0);
  const sparedRows = gains.reduce((sum, { need, rowsAfter }) => sum + need.rows - rowsAfter, 0);
  const isOfRows = sparedMs > 0 && sparedRows >= LEAST_SPARED * totalRows;
  return isOfRows || sparedMs >= LEAST_SPARED * totalMs;
}

const isAnswered = (candidate: Candidate | null, need: Need): boolean =>
  candidate?.gains.some((gain) => gain.need === need) ?? false;

const needsOf = ({ gains }: Candidate): Need[] => gains.map(({ need }) => need);

const percent = (share: number): string => `${Math.ceil(100 * share)} %`;
