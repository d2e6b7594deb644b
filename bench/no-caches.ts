/** Configuration (`query.cache`) under which every query is answered from the rows: what is measured is the work, not that it was done before. */
export const NO_CACHES = { partialBytes: 0, resultBytes: 0 } as const;
