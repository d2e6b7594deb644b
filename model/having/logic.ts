import { z } from 'zod';
import { jsonSpec, parseEach, readSpec, type SpecReader } from '../spec.js';
import type { Having } from './having.js';

const ListSchema = z.object({ havingSpecs: z.array(z.unknown(), { error: 'want a list' }) });
const SingleSchema = z.object({ havingSpec: jsonSpec });

export const readAnd: SpecReader<Having> = (json, field, parse) => {
  const parts = readParts(json, field, parse);
  return {
    spec: json,
    compile(types) {
      const tests = parts.map((part) => part.compile(types));
      return (row) => tests.every((test) => test(row));
    },
  };
};

export const readOr: SpecReader<Having> = (json, field, parse) => {
  const parts = readParts(json, field, parse);
  return {
    spec: json,
    compile(types) {
      const tests = parts.map((part) => part.compile(types));
      return (row) => tests.some((test) => test(row));
    },
  };
};

export const readNot: SpecReader<Having> = (json, field, parse) => {
  const { havingSpec } = readSpec(SingleSchema, json, field);
  const inner = parse(havingSpec, `${field}.havingSpec`);
  return {
    spec: json,
    compile(types) {
      const test = inner.compile(types);
      return (row) => !test(row);
    },
  };
};

export const readConstant =
  (result: boolean): SpecReader<Having> =>
  (json) => ({ spec: json, compile: () => () => result });

function readParts(...[json, field, parse]: Parameters<SpecReader<Having>>): Having[] {
  return parseEach(readSpec(ListSchema, json, field).havingSpecs, `${field}.havingSpecs`, parse);
}
