import { isComplexType } from '../../model/index.js';
import type { ShowsState } from './engine.js';

/**
 * Which aggregators of a query show their state. `finalize` comes from the context; where it says
 * nothing, the outermost query finalises all, and an inner one leaves sketches as they are, so that
 * the outer query can merge them. Means and first/last values are of use to an outer query only
 * when they are final.
 */
export function shownStates(finalize: boolean | null, isInner: boolean): ShowsState {
  if (finalize ?? !isInner) return () => false;
  if (finalize === false) return () => true;
  return ({ storedType }) =>
    isComplexType(storedType) && !/^COMPLEX<(serializablePair|doubleMean)/.test(storedType);
}
