import { DataSourcePlugin } from '@grafana/data';
import { ConfigEditor } from './ConfigEditor.js';
import { VarveDataSource } from './datasource.js';
import { QueryEditor } from './QueryEditor.js';
import type { VarveOptions, VarveQuery } from './types.js';

/** What Grafana loads: the data source and its two editors. */
export const plugin = new DataSourcePlugin<VarveDataSource, VarveQuery, VarveOptions>(
  VarveDataSource,
)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor);
