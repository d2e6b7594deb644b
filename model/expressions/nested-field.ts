import { z } from 'zod';
import { UserError } from '../../core/index.js';
import { type JsonPath, jsonPathText, parseJqPath, parseJsonPath } from '../json/json-path.js';
import { flagSpec, nameSpec, optionalText, readSpec, type SpecReader } from '../spec.js';
import { JSON_TYPE } from '../types.js';
import { parseExpression } from './expression.js';
import { castReader, outputTypeOf } from './output-type.js';
import { printNode } from './print.js';
import type { VirtualColumn } from './virtual-column.js';

const NestedFieldSchema = z.object({
  outputName: nameSpec,
  columnName: nameSpec,
  expectedType: optionalText,
  path: optionalText,
  pathParts: z
    .array(
      z.union([
        z.object({ type: z.literal('field'), field: z.string() }),
        z.object({ type: z.literal('arrayElement'), index: z.int() }),
      ]),
      {
        error:
          'want a list of {"type": "field", "field": "a"} and {"type": "arrayElement", "index": 0}',
      },
    )
    .nullish(),
  processFromRaw: flagSpec(false),
  useJqSyntax: flagSpec(false),
});

/** What lies at a path of a JSON column: a value of the type, STRING by default, or, from raw, JSON. */
export const readNestedField: SpecReader<VirtualColumn> = (json, field) => {
  const spec = readSpec(NestedFieldSchema, json, field);
  const path = pathOf(spec, field);
  const column = printNode({ kind: 'identifier', name: spec.columnName });
  const text = printNode({ kind: 'literal', type: 'STRING', value: jsonPathText(path) });
  const type = outputTypeOf(spec.expectedType ?? 'STRING', `${field}.expectedType`);
  const asJson = spec.processFromRaw || type === JSON_TYPE;
  const expression = parseExpression(
    asJson
      ? `json_query(${column}, ${text})`
      : `json_value(${column}, ${text}, '${type === 'FLOAT' ? 'DOUBLE' : type}')`,
    field,
  );
  return {
    name: spec.outputName,
    spec: json,
    inputs: expression.inputs,
    reader: (source) => castReader(expression.compile(source), asJson ? JSON_TYPE : type),
    expression,
    outputType: asJson ? JSON_TYPE : type,
  };
};

function pathOf(
  { path, pathParts, useJqSyntax }: z.output<typeof NestedFieldSchema>,
  field: string,
): JsonPath {
  const hasParts = pathParts !== null && pathParts !== undefined;
  if ((path === null) !== hasParts) {
    throw new UserError(
      `${field}.path: want exactly one of "path" and "pathParts"`,
      'query',
      `${field}.path`,
    );
  }
  if (hasParts) return pathParts.map((part) => (part.type === 'field' ? part.field : part.index));
  return (useJqSyntax ? parseJqPath : parseJsonPath)(path!, `${field}.path`);
}
