import type { QueryEditorProps, SelectableValue } from '@grafana/data';
import {
  CodeEditor,
  CodeEditorSuggestionItemKind,
  InlineField,
  InlineFieldRow,
  RadioButtonGroup,
} from '@grafana/ui';
import * as React from 'react';
import type { VarveDataSource } from './datasource.js';
import { MACROS } from './sql/macros.js';
import type { Format } from './sql/request.js';
import type { VarveOptions, VarveQuery } from './types.js';

const FORMATS: SelectableValue<Format>[] = [
  {
    label: 'Time series',
    value: 'time_series',
    description: 'A time column, number columns as lines, all other columns as their labels',
  },
  { label: 'Table', value: 'table', description: 'The columns as they are' },
];

/** What the editor offers while one types `$__`. */
const suggestions = () =>
  [...MACROS.values()].map(({ usage, detail }) => ({
    label: usage,
    detail,
    kind: CodeEditorSuggestionItemKind.Method,
  }));

type Props = QueryEditorProps<VarveDataSource, VarveQuery, VarveOptions>;

/** SQL and the format of the answer. Runs when the cursor leaves the text, or on Ctrl+S. */
export function QueryEditor({ query, onChange, onRunQuery }: Props) {
  const changed = (change: Partial<VarveQuery>) => {
    onChange({ ...query, ...change });
    onRunQuery();
  };
  const write = (rawSql: string) => {
    if (rawSql !== (query.rawSql ?? '')) changed({ rawSql });
  };
  return (
    <div>
      <CodeEditor
        language="sql"
        height={160}
        value={query.rawSql ?? ''}
        showMiniMap={false}
        showLineNumbers
        getSuggestions={suggestions}
        onBlur={write}
        onSave={write}
      />
      <InlineFieldRow>
        <InlineField label="Format">
          <RadioButtonGroup<Format>
            options={FORMATS}
            value={query.format ?? 'time_series'}
            onChange={(format) => changed({ format })}
          />
        </InlineField>
      </InlineFieldRow>
      <small>
        Macros: <code>$__timeFilter(__time)</code>,{' '}
        <code>$__timeGroupAlias(__time, $__interval)</code>; type <code>$__</code> for all of them.
        Ctrl+S runs the query.
      </small>
    </div>
  );
}
