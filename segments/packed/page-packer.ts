import { type Codec, InternalError } from '../../core/index.js';
import { packPage } from './page.js';
import { transformsFor } from './transforms/registry.js';
import type { PlainPage, Transform } from './transforms/transform.js';

/** One page in so many tries all transforms; those between take what did best. */
const TRIAL_EVERY = 16;

/** Packs the pages of one block, each by the transform that makes the fewest bytes of one near it. */
export class PagePacker {
  #pages = 0;
  #best: Transform | null = null;

  constructor(private readonly codec: Codec) {}

  pack(page: PlainPage): Uint8Array {
    const isTrial = this.#pages++ % TRIAL_EVERY === 0;
    const known = isTrial || this.#best === null ? null : packPage(page, this.#best, this.codec);
    return known ?? this.#try(page);
  }

  /** The first of equals. */
  #try(page: PlainPage): Uint8Array {
    let fewest: Uint8Array | null = null;
    for (const transform of transformsFor(page.content)) {
      const bytes = packPage(page, transform, this.codec);
      if (bytes === null || (fewest !== null && bytes.length >= fewest.length)) continue;
      fewest = bytes;
      this.#best = transform;
    }
    if (fewest === null) throw new InternalError(`nothing packs ${page.content}`);
    return fewest;
  }
}
