/**
 * model: what a table means. Value types and nulls, time and granularities, the expression
 * language, row predicates, aggregators and post-aggregators, all over `RowSource`.
 */

export * from './aggregators/aggregator.js';
export * from './filters/filter.js';
export * from './post-aggregators/post-aggregator.js';
export * from './rows.js';
export * from './time/granularity.js';
export * from './time/interval.js';
export * from './types.js';
