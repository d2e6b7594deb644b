import { scatteredStep } from '../scattered-step.js';

/**
 * A set of coupons (`hll-sketch.ts`): a hash table of u32, open addressing, linear probing, at most three quarters
 * full, 0 where free.
 */
export class CouponSet {
  private slots = new Uint32Array(8);
  private used = 0;

  get count(): number {
    return this.used;
  }

  add(coupon: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    for (let slot = coupon & mask; ; slot = (slot + 1) & mask) {
      const found = slots[slot]!;
      if (found === coupon) return;
      if (found !== 0) continue;
      slots[slot] = coupon;
      this.used++;
      if (4 * this.used > 3 * slots.length) this.grow();
      return;
    }
  }

  /** Ascending. */
  sorted(): Uint32Array<ArrayBuffer> {
    return this.unsorted().sort();
  }

  /** In an order in which another set takes them in evenly. */
  unsorted(): Uint32Array<ArrayBuffer> {
    const { slots } = this;
    const coupons = new Uint32Array(this.used);
    const step = scatteredStep(slots.length);
    for (let at = 0, count = 0; count < coupons.length; at = (at + step) & (slots.length - 1)) {
      if (slots[at] !== 0) coupons[count++] = slots[at]!;
    }
    return coupons;
  }

  copy(): CouponSet {
    const copy = new CouponSet();
    copy.slots = this.slots.slice();
    copy.used = this.used;
    return copy;
  }

  private grow(): void {
    const before = this.slots;
    this.slots = new Uint32Array(2 * before.length);
    this.used = 0;
    for (let i = 0; i < before.length; i++) if (before[i] !== 0) this.add(before[i]!);
  }
}
