import {
  type AnnotationSupport,
  createDataFrame,
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  DataSourceApi,
  type DataSourceInstanceSettings,
  type FieldType,
  getDefaultTimeRange,
  type LegacyMetricFindQueryOptions,
  type MetricFindValue,
  type ScopedVars,
  type TestDataSourceResponse,
  type TimeRange,
} from '@grafana/data';
import { type FetchError, getBackendSrv, getTemplateSrv } from '@grafana/runtime';
import { catchError, forkJoin, lastValueFrom, map, Observable, of, throwError } from 'rxjs';
import { parseAnswer } from './sql/answer.js';
import { failureText } from './sql/failure.js';
import type { Frame } from './sql/frames.js';
import { healthText } from './sql/health.js';
import type { MacroScope } from './sql/macros.js';
import { cancelPath, frameOf, SQL_PATH, type SqlRequest, sqlRequest } from './sql/request.js';
import { choicesOf, variableText } from './sql/variables.js';
import type { VarveOptions, VarveQuery } from './types.js';

/**
 * Runs SQL through Grafana's data source proxy: the browser asks Grafana, and Grafana, with
 * the credentials that it keeps, asks Varve.
 */
export class VarveDataSource extends DataSourceApi<VarveQuery, VarveOptions> {
  readonly #url: string;
  readonly #maxRows: number | undefined;

  override annotations: AnnotationSupport<VarveQuery> = {
    // Events have texts and tags, which a time series would take for labels.
    prepareQuery: ({ target }) => target && { ...target, format: 'table' },
  };

  constructor(settings: DataSourceInstanceSettings<VarveOptions>) {
    super(settings);
    this.#url = settings.url ?? '';
    this.#maxRows = settings.jsonData.maxRows;
    if (settings.jsonData.timeInterval) this.interval = settings.jsonData.timeInterval;
  }

  override getDefaultQuery(): Partial<VarveQuery> {
    return { rawSql: '', format: 'time_series' };
  }

  override filterQuery({ rawSql, hide }: VarveQuery): boolean {
    return !hide && (rawSql ?? '').trim() !== '';
  }

  override getQueryDisplayText({ rawSql }: VarveQuery): string {
    return rawSql ?? '';
  }

  override interpolateVariablesInQueries(queries: VarveQuery[], vars: ScopedVars): VarveQuery[] {
    return queries.map((query) => ({ ...query, rawSql: this.#interpolated(query.rawSql, vars) }));
  }

  /** All queries of a panel; one that fails says so and leaves the others alone. */
  override query(request: DataQueryRequest<VarveQuery>): Observable<DataQueryResponse> {
    const targets = request.targets.filter((target) => this.filterQuery(target));
    if (targets.length === 0) return of({ data: [] });
    return forkJoin(targets.map((target) => this.#run(target, request))).pipe(
      map((answers) => ({
        data: answers.flatMap(({ data }) => data),
        errors: answers.flatMap(({ errors }) => errors ?? []),
      })),
      map(({ data, errors }) => (errors.length > 0 ? { data, errors } : { data })),
    );
  }

  /** The choices of a dashboard variable. */
  override async metricFindQuery(
    rawSql: string,
    options?: LegacyMetricFindQueryOptions,
  ): Promise<MetricFindValue[]> {
    // Grafana asks while the query is still being written.
    if (rawSql.trim() === '') return [];
    const range = options?.range ?? getDefaultTimeRange();
    const sql = this.#interpolated(rawSql, options?.scopedVars ?? {});
    const scope = { ...rangeOf(range), interval: '1m', intervalMs: 60_000, timeZone: zoneOf('') };
    const request = sqlRequest(sql, scope, newQueryId(), this.#maxRows);
    return choicesOf(parseAnswer(await lastValueFrom(this.#send('POST', SQL_PATH, request.body))));
  }

  override async testDatasource(): Promise<TestDataSourceResponse> {
    try {
      const message = await healthText((method, path, body) =>
        lastValueFrom(this.#send(method, path, body)),
      );
      return { status: 'success', message };
    } catch (error) {
      return { status: 'error', message: messageOf(error) };
    }
  }

  #run(target: VarveQuery, request: DataQueryRequest<VarveQuery>): Observable<DataQueryResponse> {
    const { refId, format = 'time_series' } = target;
    const failed = (error: unknown) =>
      of({ data: [], errors: [{ refId, message: messageOf(error) }] });
    const scope = scopeOf(request);
    const queryId = newQueryId();
    let statement: SqlRequest;
    try {
      const sql = this.#interpolated(target.rawSql, request.scopedVars);
      statement = sqlRequest(sql, scope, queryId, this.#maxRows);
    } catch (error) {
      return failed(error);
    }
    return this.#sendCancellable(queryId, statement.body).pipe(
      map((text) => frameOf(text, statement, format, scope)),
      map((frame) => ({ data: [dataFrame(frame, refId, format, statement.sql)] })),
      catchError(failed),
    );
  }

  #interpolated(rawSql: string | undefined, vars: ScopedVars): string {
    return getTemplateSrv().replace(rawSql ?? '', vars, variableText);
  }

  /** Sends a statement; whoever unsubscribes before the answer is there cancels it on the server. */
  #sendCancellable(queryId: string, body: object): Observable<string> {
    return new Observable((subscriber) => {
      let open = true;
      const done = () => {
        open = false;
      };
      const answer = this.#send('POST', SQL_PATH, body).subscribe({
        next: (text) => subscriber.next(text),
        error: (error) => {
          done();
          subscriber.error(error);
        },
        complete: () => {
          done();
          subscriber.complete();
        },
      });
      return () => {
        answer.unsubscribe();
        // That the query has just ended by itself is no concern of anybody's.
        if (open) this.#send('DELETE', cancelPath(queryId)).subscribe({ error: () => undefined });
      };
    });
  }

  /** The text of an answer: as text, because JSON.parse would round integers beyond 2^53. */
  #send(method: string, path: string, body?: object): Observable<string> {
    const request = { url: this.#url + path, method, responseType: 'text' as const };
    return getBackendSrv()
      .fetch<string>({ ...request, ...(body && { data: body }), showErrorAlert: false })
      .pipe(
        map(({ data }) => data),
        catchError(({ status = 0, data }: Partial<FetchError>) =>
          throwError(() => new Error(failureText({ status, body: data }))),
        ),
      );
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

const rangeOf = ({ from, to }: TimeRange) => ({ fromMs: from.valueOf(), toMs: to.valueOf() });

/** The IANA name of a dashboard's zone; Grafana says `browser`, or nothing, for the reader's own. */
function zoneOf(zone: string | undefined): string {
  if (zone === 'utc') return 'UTC';
  if (zone !== undefined && zone !== '' && zone !== 'browser') return zone;
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

const scopeOf = (request: DataQueryRequest<VarveQuery>): MacroScope => ({
  ...rangeOf(request.range),
  interval: request.interval,
  intervalMs: request.intervalMs,
  timeZone: zoneOf(request.timezone),
});

/** An id that no other browser draws; randomUUID would need https. */
function newQueryId(): string {
  const words = crypto.getRandomValues(new Uint32Array(4));
  return `grafana-${Array.from(words, (word) => word.toString(16).padStart(8, '0')).join('')}`;
}

function dataFrame(frame: Frame, refId: string, format: string, sql: string): DataFrame {
  const fields = frame.fields.map((field) => ({
    ...field,
    type: field.type as FieldType,
    values: [...field.values],
    labels: { ...field.labels },
    config: { ...field.config },
  }));
  return createDataFrame({
    refId,
    fields: fields.map(({ labels, ...rest }) =>
      Object.keys(labels).length > 0 ? { ...rest, labels } : rest,
    ),
    meta: {
      executedQueryString: sql,
      preferredVisualisationType: format === 'table' ? 'table' : 'graph',
      notices: frame.notices.map((text) => ({ severity: 'warning', text })),
    },
  });
}
