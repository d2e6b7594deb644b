import {
  FALSE,
  type Filter,
  type FilterForm,
  type Ternary,
  TRUE,
  UNKNOWN,
} from '../../model/index.js';

type ValuesForm = Extract<FilterForm, { kind: 'values' }>;

/** Equalities of one column, any of which may hold, as one test; null where they are something else. */
export function unitedValues(filters: readonly Filter[]): ValuesForm | null {
  const forms = filters.map(({ form }) => (isPoints(form) ? form : null));
  const [first] = forms;
  if (!first || !forms.every((form) => form?.column === first.column)) return null;
  const all = forms as PointsForm[];
  return {
    kind: 'values',
    column: first.column,
    numbersOf(type) {
      const tests = all.map((form) => form.numbersOf(type));
      if (!tests.every((test) => test !== null)) return null;
      return {
        ranges: tests.flatMap(({ ranges }) => ranges),
        points: tests.flatMap(({ points }) => points),
        forNull: anyTernary(tests.map(({ forNull }) => forNull)),
      };
    },
    texts: {
      kind: 'points',
      texts: all.flatMap(({ texts }) => texts.texts),
      forNull: anyTernary(all.map(({ texts }) => texts.forNull)),
    },
  };
}

interface PointsForm extends ValuesForm {
  readonly texts: Extract<NonNullable<ValuesForm['texts']>, { kind: 'points' }>;
}

const isPoints = (form: FilterForm | undefined): form is PointsForm =>
  form?.kind === 'values' && form.texts?.kind === 'points';

/** OR of three-valued truths. */
function anyTernary(all: readonly Ternary[]): Ternary {
  if (all.includes(TRUE)) return TRUE;
  return all.includes(UNKNOWN) ? UNKNOWN : FALSE;
}
