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

  /** In no particular order. */
  unsorted(): Uint32Array<ArrayBuffer> {
    return this.slots.filter((coupon) => coupon !== 0);
  }

  copy(): CouponSet {
    const copy = new CouponSet();
    copy.slots = this.slots.slice();
    copy.used = this.used;
    return copy;
  }

  private grow(): void {
    const coupons = this.unsorted();
    this.slots = new Uint32Array(2 * this.slots.length);
    this.used = 0;
    for (const coupon of coupons) this.add(coupon);
  }
}
