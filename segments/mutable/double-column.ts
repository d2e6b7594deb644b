import type { Long } from '../../core/index.js';
import type { ColumnVector } from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';
import { compareDoubles, writeSortableDouble } from '../words.js';
import { positionOf, type RowOrder } from './column.js';
import { NumberColumn } from './number-column.js';
import { Part } from './part.js';

/** DOUBLE in 8 bytes a row, or FLOAT in 4. */
export class DoubleColumn extends NumberColumn {
  protected readonly parameters = {};
  protected readonly encoding: string;
  #staged = new Float64Array(0);

  constructor(
    name: string,
    private readonly kind: 'DOUBLE' | 'FLOAT',
    role: ColumnEntry['role'],
  ) {
    super(name, kind, role, new Part('values', kind === 'DOUBLE' ? 8 : 4));
    this.encoding = kind === 'DOUBLE' ? 'double.raw' : 'float.raw';
  }

  protected override beginStage(count: number): void {
    this.#staged = new Float64Array(count);
  }

  protected override stageValue(i: number, value: Long): void {
    const double = Number(value);
    this.#staged[i] = this.kind === 'DOUBLE' ? double : Math.fround(double);
  }

  protected override stageVector(vector: ColumnVector, order: RowOrder): boolean {
    if (vector.kind !== 'doubles' && vector.kind !== 'integers') return false;
    const { values } = vector;
    const staged = new Float64Array(this.stagedCount);
    this.#staged = staged;
    for (let i = 0; i < staged.length; i++) staged[i] = values[positionOf(order, i)]!;
    if (this.kind === 'FLOAT') {
      for (let i = 0; i < staged.length; i++) staged[i] = Math.fround(staged[i]!);
    }
    return true;
  }

  protected override fitStaged(): void {
    let [min, max] = [this.min as number | null, this.max as number | null];
    for (let i = 0; i < this.#staged.length; i++) {
      if (this.isStagedNull(i)) continue;
      const value = this.#staged[i]!;
      if (min === null || compareDoubles(value, min) < 0) min = value;
      if (max === null || compareDoubles(value, max) > 0) max = value;
    }
    this.min = min;
    this.max = max;
  }

  protected override writeKey(keys: Uint32Array, at: number, i: number): void {
    writeSortableDouble(keys, at, this.#staged[i]!);
  }

  protected override storeValues(picks: Uint32Array | null, firstRow: number): void {
    const staged =
      picks === null ? this.#staged : Float64Array.from(picks, (i) => this.#staged[i]!);
    const target = this.kind === 'DOUBLE' ? this.values.f64() : this.values.f32();
    target.set(staged, firstRow);
  }
}
