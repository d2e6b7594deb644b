import { doubleToLong } from '../../../core/index.js';
import { HyperLogLog } from '../../../sketches/index.js';
import { elementEntries } from '../../aggregators/distinct-entries.js';
import { asHyperUnique } from '../../sketch-values/operands.js';
import type { ComplexType } from '../../types.js';
import type { Operand } from '../operand.js';
import { callError, define, type FunctionDefinition, nameOf } from './definition.js';

/** Functions of the sketch that `hyperUnique` makes. */

const TYPE: ComplexType = 'COMPLEX<hyperUnique>';

/** Reads an argument as a sketch, which nobody may write to. Throws UserError for one of another type. */
function sketchOf(usage: string, { type, get }: Operand): () => HyperLogLog | null {
  const name = nameOf(usage);
  if (type !== null && type !== TYPE) throw callError(name, `takes ${TYPE}, got ${type}`);
  return () => asHyperUnique(get(), `Function[${name}]`);
}

const estimating = (
  usage: string,
  doc: string,
  type: 'LONG' | 'DOUBLE',
  shown: (estimate: number) => ReturnType<typeof doubleToLong>,
): FunctionDefinition =>
  define({
    usage,
    doc,
    resultType: () => type,
    compile: ([first]) => {
      const read = sketchOf(usage, first!);
      return () => {
        const sketch = read();
        return sketch === null ? null : shown(sketch.estimate());
      };
    },
  });

const ADD = 'hyper_unique_add(x, sketch)';

export const HYPER_UNIQUE_FUNCTIONS: readonly FunctionDefinition[] = [
  define({
    usage: 'hyper_unique()',
    doc: 'a sketch of no values',
    resultType: () => TYPE,
    compile: () => () => new HyperLogLog(),
  }),
  define({
    usage: ADD,
    doc: 'the sketch, or a new one for null, with the value, or all of a list or of another sketch; null adds nothing',
    takesArray: (index) => index === 0,
    resultType: () => TYPE,
    compile: ([value, sketch]) => {
      const read = sketchOf(ADD, sketch!);
      const addTo = adder(value!);
      return () => {
        const sum = read()?.copy() ?? new HyperLogLog();
        addTo(sum);
        return sum;
      };
    },
  }),
  estimating(
    'hyper_unique_estimate(sketch)',
    'about how many distinct values it has',
    'DOUBLE',
    (estimate) => estimate,
  ),
  estimating('hyper_unique_round_estimate(sketch)', 'the same, rounded', 'LONG', (estimate) =>
    doubleToLong(Math.round(estimate)),
  ),
];

/** Adds what the aggregator `hyperUnique` would of such a column. */
function adder(value: Operand): (sketch: HyperLogLog) => void {
  const { type, get } = value;
  if (type === TYPE) {
    const read = sketchOf(ADD, value);
    return (sketch) => {
      const other = read();
      if (other !== null) sketch.merge(other);
    };
  }
  const entries = elementEntries({ type: type ?? 'STRING', multiValue: false, exists: true, get });
  return (sketch) => {
    for (const entry of entries()) sketch.addEntry(entry);
  };
}
