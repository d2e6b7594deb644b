import { z } from 'zod';
import { isJsonObject } from '../../core/index.js';
import { TRUE } from '../filters/filter.js';
import { parseFilter } from '../filters/registry.js';
import { distinct, jsonSpec, optionalText, readSpec, type SpecReader } from '../spec.js';
import type { Aggregator } from './aggregator.js';

const Schema = z.object({ name: optionalText, aggregator: jsonSpec, filter: jsonSpec });

/** Another aggregator over the rows that match a filter. A name of its own goes before the inner one. */
export const readFiltered: SpecReader<Aggregator> = (json, field, parse) => {
  const spec = readSpec(Schema, json, field);
  const filter = parseFilter(spec.filter, `${field}.filter`);
  const named =
    spec.name && isJsonObject(spec.aggregator)
      ? { ...spec.aggregator, name: spec.name }
      : spec.aggregator;
  const inner = parse(named, `${field}.aggregator`);
  return {
    ...inner,
    spec: json,
    form: { kind: 'filtered', filter, aggregator: inner },
    inputs: distinct([...filter.inputs, ...inner.inputs]),
    accumulator(source) {
      const matches = filter.predicate(source);
      const accumulator = inner.accumulator(source);
      return { fold: (state) => (matches() === TRUE ? accumulator.fold(state) : state) };
    },
  };
};
