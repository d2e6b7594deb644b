import type { DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { DataSourceHttpSettings, FieldSet, InlineField, Input } from '@grafana/ui';
import * as React from 'react';
import { DEFAULT_MAX_ROWS } from './sql/request.js';
import type { VarveOptions } from './types.js';

type Props = DataSourcePluginOptionsEditorProps<VarveOptions>;

/** Where the server is, how Grafana signs in, and the limits of queries. */
export function ConfigEditor({ options, onOptionsChange }: Props) {
  const { timeInterval, maxRows, ...others } = options.jsonData;
  /** An emptied field means the default, which is kept by keeping nothing. */
  const change = (values: { timeInterval?: string | undefined; maxRows?: number | undefined }) => {
    const next = { timeInterval, maxRows, ...values };
    const jsonData: VarveOptions = {
      ...others,
      ...(next.timeInterval && { timeInterval: next.timeInterval }),
      ...(next.maxRows && { maxRows: next.maxRows }),
    };
    onOptionsChange({ ...options, jsonData });
  };
  return (
    <>
      <DataSourceHttpSettings
        defaultUrl="http://127.0.0.1:8888"
        dataSourceConfig={options}
        onChange={onOptionsChange}
      />
      <FieldSet label="Queries">
        <InlineField
          label="Shortest interval"
          labelWidth={20}
          tooltip="What $__interval is at least: as often as rows come in, for example 10s"
        >
          <Input
            width={20}
            placeholder="1s"
            value={timeInterval ?? ''}
            onChange={(event) => change({ timeInterval: event.currentTarget.value.trim() })}
          />
        </InlineField>
        <InlineField
          label="Most rows"
          labelWidth={20}
          tooltip="A query that gives more shows the first ones, and a warning"
        >
          <Input
            width={20}
            type="number"
            min={1}
            placeholder={String(DEFAULT_MAX_ROWS)}
            value={maxRows ?? ''}
            onChange={(event) => change({ maxRows: Math.floor(event.currentTarget.valueAsNumber) })}
          />
        </InlineField>
      </FieldSet>
    </>
  );
}
