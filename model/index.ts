/**
 * model: what a table means. Value types and nulls, time and granularities, the expression
 * language, row predicates, aggregators and post-aggregators, all over `RowSource`.
 */
export * from './rows.js';
export * from './types.js';
