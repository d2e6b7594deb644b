import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { renderToStaticMarkup } from 'react-dom/server';
import { grafanaData, loadPlugin, React, rendered, sent } from './plugin.mjs';

const { plugin } = loadPlugin();
const dist = (path) => new URL(`../dist/${path}`, import.meta.url);
const json = (path) => JSON.parse(readFileSync(dist(path), 'utf8'));

const settings = { id: 1, uid: 'u', name: 'Varve', type: 'varve-datasource', url: '/proxy/u' };
const source = (jsonData = {}) => new plugin.DataSourceClass({ ...settings, jsonData, meta: {} });

const from = grafanaData.dateTimeParse('2024-01-01T00:00:00Z');
const to = grafanaData.dateTimeParse('2024-01-01T00:03:00Z');
const request = (...targets) => ({
  targets: targets.map((target, i) => ({ refId: 'ABC'[i], ...target })),
  ...{ range: { from, to, raw: { from, to } }, interval: '1m', intervalMs: 60_000 },
  ...{ timezone: 'utc', scopedVars: {} },
});

const TEXT = `[["time","host","c"],["LONG","STRING","LONG"],["TIMESTAMP","VARCHAR","BIGINT"],
["2024-01-01T00:01:00.000Z","a",1],["2024-01-01T00:00:00.000Z","b",9223372036854775807]]`;
const SQL =
  'SELECT $__timeGroupAlias(__time, $__interval), host, COUNT(*) AS c FROM t WHERE $__timeFilter() AND host IN ($host) GROUP BY 1, 2';

/** Subscribes to a query; gives what it emitted so far and a way to leave. */
function run(target, ...more) {
  sent.length = 0;
  const emitted = [];
  const subscription = source()
    .query(request(target, ...more))
    .subscribe((each) => emitted.push(each));
  return { emitted, subscription };
}
const answer = (entry, data) => {
  entry.observer.next({ data });
  entry.observer.complete();
};

test('plugin.json names files that are there, and the version of the package', () => {
  const { info, includes, id } = json('plugin.json');
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url)));
  const root = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url)));
  assert.deepEqual([id, info.version, version], [name, root.version, root.version]);
  for (const path of [info.logos.small, info.logos.large, ...includes.map((each) => each.path)]) {
    assert.ok(existsSync(dist(path)), path);
  }
});

test('Grafana lets viewers send SQL and cancel it, and admins do the rest', () => {
  const { routes } = json('plugin.json');
  /** The first route whose method and prefix match decides, as in Grafana's proxy. */
  const roleOf = (method, path) =>
    routes.find(
      (route) => [undefined, method].includes(route.method) && path.startsWith(route.path),
    )?.reqRole;
  assert.equal(roleOf('GET', 'status'), undefined);
  assert.equal(roleOf('POST', 'druid/v2/sql'), undefined);
  assert.equal(roleOf('DELETE', 'druid/v2/sql/grafana-1'), undefined);
  for (const path of ['druid/v2/sql/task', 'druid/v2/sql/statements', 'druid/v2', 'v1/tables/t']) {
    assert.equal(roleOf('POST', path), 'Admin', path);
  }
  assert.equal(roleOf('DELETE', 'druid/coordinator/v1/datasources/t'), 'Admin');
});

test('a time series: the statement, the frame, the legend', () => {
  const { emitted } = run({ rawSql: SQL, format: 'time_series' });
  assert.equal(sent.length, 1);
  assert.equal(sent[0].url, '/proxy/u/druid/v2/sql');
  assert.equal(
    sent[0].data.query,
    `SELECT TIME_FLOOR(__time, 'PT1M') AS "time", host, COUNT(*) AS c FROM t WHERE (__time >= TIMESTAMP '2024-01-01 00:00:00.000' AND __time < TIMESTAMP '2024-01-01 00:03:00.000') AND host IN ('a','b''c') GROUP BY 1, 2`,
  );
  answer(sent[0], TEXT);
  const [frame] = emitted[0].data;
  assert.equal(emitted[0].errors, undefined);
  assert.equal(frame.refId, 'A');
  assert.equal(frame.meta.executedQueryString, sent[0].data.query);
  assert.deepEqual(
    frame.fields.map(({ type, values }) => [type, values]),
    [
      ['time', [from.valueOf(), from.valueOf() + 60_000]],
      ['number', [null, 1]],
      ['number', [2 ** 63, null]],
    ],
  );
  const names = frame.fields.map((field) => grafanaData.getFieldDisplayName(field, frame, [frame]));
  assert.deepEqual(names, ['time', 'a', 'b']);
  assert.equal(grafanaData.isTimeSeriesFrame(frame), true);
});

test('a table keeps long integers', () => {
  const { emitted } = run({ rawSql: 'SELECT * FROM t', format: 'table' });
  answer(sent[0], TEXT);
  assert.deepEqual(emitted[0].data[0].fields[2].values, ['1', '9223372036854775807']);
});

test('one query fails, the other is shown; hidden and empty ones are not sent', () => {
  const { emitted } = run(
    { rawSql: 'SELECT delai FROM t' },
    { rawSql: SQL },
    { rawSql: 'SELECT $__nothing' },
    { rawSql: 'SELECT 1', hide: true },
    { rawSql: '  ' },
  );
  assert.equal(sent.length, 2);
  const body = JSON.stringify({ errorMessage: "Column 'delai' not found" });
  sent[0].observer.error({ status: 400, data: { message: body, response: body } });
  answer(sent[1], TEXT);
  assert.equal(emitted[0].data.length, 1);
  const [first, second] = emitted[0].errors;
  assert.deepEqual(first, { refId: 'A', message: "Column 'delai' not found" });
  assert.equal(second.refId, 'C');
  assert.match(second.message, /there is no macro \$__nothing/);
});

test('a panel that is left cancels its query on the server', () => {
  const { subscription } = run({ rawSql: SQL });
  const id = sent[0].data.context.sqlQueryId;
  assert.match(id, /^grafana-[0-9a-f]{32}$/);
  subscription.unsubscribe();
  assert.ok(sent[0].abandoned);
  assert.deepEqual([sent[1].method, sent[1].url], ['DELETE', `/proxy/u/druid/v2/sql/${id}`]);
  sent[1].observer.error({ status: 404 });
});

test('a query that is over is not cancelled', () => {
  const { subscription } = run({ rawSql: SQL });
  answer(sent[0], TEXT);
  subscription.unsubscribe();
  assert.equal(sent.length, 1);
});

test('health', async () => {
  sent.length = 0;
  const health = source().testDatasource();
  answer(sent[0], '{"version":"30.0.0","varveVersion":"0.1.0"}');
  await new Promise(setImmediate);
  answer(sent[1], '[["a"],["LONG"],["BIGINT"],[1]]');
  assert.deepEqual(await health, {
    status: 'success',
    message: 'Varve 0.1.0 is there and answers SQL.',
  });
  const sick = source().testDatasource();
  sent.at(-1).observer.error({ status: 502, data: '' });
  assert.match((await sick).message, /Grafana cannot reach the server/);
});

test('the choices of a variable', async () => {
  sent.length = 0;
  const choices = source().metricFindQuery('SELECT h FROM t WHERE $__timeFilter()', {
    range: { from, to },
  });
  assert.match(sent[0].data.query, /TIMESTAMP '2024-01-01/);
  answer(sent[0], '[["h"],["STRING"],["VARCHAR"],["a"],[null],["a"]]');
  assert.deepEqual(await choices, [{ text: 'a', value: 'a' }]);
  assert.deepEqual(await source().metricFindQuery(' '), []);
});

test('settings reach the requests', () => {
  sent.length = 0;
  const limited = source({ maxRows: 5, timeInterval: '10s' });
  assert.equal(limited.interval, '10s');
  limited.query(request({ rawSql: 'SELECT 1' })).subscribe();
  assert.equal(sent[0].data.context.sqlOuterLimit, 6);
});

test('annotations are asked for as tables', () => {
  const target = { refId: 'A', rawSql: 'SELECT 1', format: 'time_series' };
  assert.equal(source().annotations.prepareQuery({ target }).format, 'table');
});

test('the query editor runs what was written', () => {
  const calls = [];
  const element = React.createElement(plugin.components.QueryEditor, {
    query: { refId: 'A', rawSql: 'SELECT 1' },
    onChange: (query) => calls.push(query),
    onRunQuery: () => calls.push('run'),
  });
  assert.match(renderToStaticMarkup(element), /\$__timeFilter/);
  const editor = rendered.get('CodeEditor');
  editor.onBlur('SELECT 1');
  assert.deepEqual(calls, []);
  editor.onSave('SELECT 2');
  rendered.get('RadioButtonGroup').onChange('table');
  assert.deepEqual(calls, [
    { refId: 'A', rawSql: 'SELECT 2' },
    'run',
    { refId: 'A', rawSql: 'SELECT 1', format: 'table' },
    'run',
  ]);
  assert.ok(editor.getSuggestions().some(({ label }) => label === '$__interval'));
});

test('the settings editor keeps what is written and drops what is emptied', () => {
  const saved = [];
  const options = { jsonData: { timeInterval: '5s', tlsAuth: true } };
  const element = React.createElement(plugin.components.ConfigEditor, {
    options,
    onOptionsChange: ({ jsonData }) => saved.push(jsonData),
  });
  assert.match(renderToStaticMarkup(element), /DataSourceHttpSettings/);
  // The last input that was rendered is that of the rows.
  const { onChange } = rendered.get('Input');
  onChange({ currentTarget: { valueAsNumber: 7.9 } });
  onChange({ currentTarget: { valueAsNumber: Number.NaN } });
  assert.deepEqual(saved, [
    { timeInterval: '5s', tlsAuth: true, maxRows: 7 },
    { timeInterval: '5s', tlsAuth: true },
  ]);
});
