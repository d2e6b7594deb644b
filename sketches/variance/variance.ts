import { CorruptSketchError } from '../../core/index.js';

/**
 * Count, sum and squared deviations of numbers, from which variance and standard deviation follow, in one pass.
 *
 * Numbers are added as Youngs and Cramer do, and parts merged by the pairwise rule of Chan, Golub and LeVeque ("Algorithms for
 * Computing the Sample Variance: Analysis and Recommendations", The American Statistician 37(3), 1983, equations 1.5 and
 * 2.1): deviations are never the difference of two large sums.
 *
 * Error   Relative, of the deviations: about n κ u as in the paper's table 1, where u = 2^-53 and κ² = 1 + n mean² / deviations;
 *         merging halves of equal size: log2(n) κ u.
 * Merge   a.merge(b) and b.merge(a) give the same bytes; other groupings are within the error.
 * Bytes   24, big-endian, as Druid's: count i64, sum f64, deviations f64.
 */
export class Variance {
  private items = 0;
  private total = 0;
  private squares = 0;

  get count(): number {
    return this.items;
  }

  get sum(): number {
    return this.total;
  }

  /** The sum of (x - mean)². */
  get deviations(): number {
    return this.squares;
  }

  add(x: number): void {
    const n = ++this.items;
    this.total += x;
    if (n === 1) {
      // NaN and infinities have no deviation, as one of more numbers.
      this.squares = x - x;
      return;
    }
    const t = n * x - this.total;
    this.squares += (t / n) * (t / (n - 1));
  }

  merge(other: Variance): void {
    if (other.items === 0) return;
    if (this.items === 0) {
      this.items = other.items;
      this.total = other.total;
      this.squares = other.squares;
      return;
    }
    const n = this.items + other.items;
    const delta = this.total / this.items - other.total / other.items;
    this.squares = this.squares + other.squares + delta * delta * ((this.items * other.items) / n);
    this.total += other.total;
    this.items = n;
  }

  /** The variance of the numbers, or the estimate for what they are a sample of; 0 of one number, null of none. */
  value(estimator: Estimator): number | null {
    if (this.items === 0) return null;
    if (this.items === 1) return this.squares;
    return this.squares / (estimator === 'population' ? this.items : this.items - 1);
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const view = new DataView(new ArrayBuffer(SIZE_BYTES));
    view.setBigInt64(0, BigInt(this.items));
    view.setFloat64(8, this.total);
    view.setFloat64(16, this.squares);
    return new Uint8Array(view.buffer);
  }

  /** Throws CorruptSketchError unless they are 24 bytes with a count, and deviations that are not negative. */
  static ofBytes(bytes: Uint8Array): Variance {
    if (bytes.length !== SIZE_BYTES) throw damaged(`${bytes.length} bytes, want ${SIZE_BYTES}`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, SIZE_BYTES);
    const variance = new Variance();
    variance.items = Number(view.getBigInt64(0));
    variance.total = view.getFloat64(8);
    variance.squares = view.getFloat64(16);
    const { items, squares, total } = variance;
    if (!(Number.isSafeInteger(items) && items >= 0)) throw damaged(`count ${items}`);
    if (squares < 0) throw damaged(`deviations ${squares}`);
    if (items === 0 && (total !== 0 || squares !== 0)) throw damaged(`a sum ${total} of nothing`);
    return variance;
  }
}

/** Of all there are, or of a sample of them. */
export type Estimator = 'population' | 'sample';

const SIZE_BYTES = 24;

function damaged(detail: string): CorruptSketchError {
  return new CorruptSketchError('variance', detail);
}
