import type { Random } from '../../core/index.js';

/** Something that somebody did in a shop. */
export interface ShopEvent {
  readonly time: Date;
  readonly action: 'view' | 'cart' | 'buy';
  readonly product: string;
  readonly country: string;
  readonly visitor: bigint;
  /** In cents; only of what is bought. */
  readonly price?: number;
}

const PRODUCTS = ['lamp', 'chair', 'teapot', 'kite', 'globe', 'anvil', 'violin', 'compass'];
const COUNTRIES = ['DE', 'US', 'FR', 'JP', 'BR', 'IN', 'KE', 'SE', 'CA', 'NZ'];
const VISITORS = 20_000;
/** One of so many events comes late, by up to so much. */
const LATE_ONE_OF = 50;
const LATE_MS = 120_000;

/** Events of a shop, the same for the same chance: some products and countries are more popular, some events late. */
export class ShopEvents {
  constructor(private readonly random: Random) {}

  next(nowMs: number): ShopEvent {
    const action = this.#below(100);
    const product = this.#popular(PRODUCTS.length);
    const isLate = this.#below(LATE_ONE_OF) === 0;
    const event: ShopEvent = {
      time: new Date(nowMs - (isLate ? this.#below(LATE_MS) : this.#below(500))),
      action: action < 80 ? 'view' : action < 95 ? 'cart' : 'buy',
      product: PRODUCTS[product]!,
      country: COUNTRIES[this.#popular(COUNTRIES.length)]!,
      visitor: BigInt(this.#below(VISITORS)),
    };
    return event.action === 'buy' ? { ...event, price: 499 + 1000 * product } : event;
  }

  #below(bound: number): number {
    return this.random.nextUint32() % bound;
  }

  /** Small numbers are more likely. */
  #popular(bound: number): number {
    return Math.min(this.#below(bound), this.#below(bound));
  }
}

/** How many events are due at a time: `perSecond`, evenly, however seldom it is asked. */
export class Pace {
  #given = 0;

  constructor(
    private readonly perSecond: number,
    private readonly startMs: number,
  ) {}

  due(nowMs: number): number {
    const due = Math.floor(((nowMs - this.startMs) * this.perSecond) / 1000) - this.#given;
    this.#given += Math.max(0, due);
    return Math.max(0, due);
  }
}
