/**
 * Loads dist/module.js as Grafana does: an AMD `define` that is given Grafana's own modules. React, RxJS and
 * `@grafana/data` are the real ones; of the others, which need a browser, there is what the plugin calls.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import vm from 'node:vm';

const require = createRequire(import.meta.url);
// `@grafana/data` listens to it when it is loaded.
globalThis.window = new EventTarget();
export const grafanaData = require('@grafana/data');
export const React = require('react');
export const rxjs = require('rxjs');

/** Requests that the plugin has sent, newest last, each with the observers that wait for its answer. */
export const sent = [];

const backendSrv = {
  fetch: (request) =>
    new rxjs.Observable((observer) => {
      const entry = { ...request, observer, abandoned: false };
      sent.push(entry);
      return () => {
        entry.abandoned = true;
      };
    }),
};

/** Knows `$host`, a variable with several values. */
const templateSrv = {
  replace: (text, _vars, format) =>
    text.replaceAll('$host', () => format(['a', "b'c"], { multi: true })),
};

/** Props of every component of `@grafana/ui` that was rendered, by name. */
export const rendered = new Map();

const ui = new Proxy(
  { CodeEditorSuggestionItemKind: { Method: 'method' } },
  {
    get(target, name) {
      target[name] ??= (props) => {
        rendered.set(name, props);
        return React.createElement('div', { className: name }, props.children);
      };
      return target[name];
    },
  },
);

const shared = {
  '@grafana/data': grafanaData,
  '@grafana/runtime': { getBackendSrv: () => backendSrv, getTemplateSrv: () => templateSrv },
  '@grafana/ui': ui,
  react: React,
  rxjs,
};

/** What module.js exports. */
export function loadPlugin() {
  const source = readFileSync(new URL('../dist/module.js', import.meta.url), 'utf8');
  let exported = null;
  const define = (names, factory) => {
    exported = factory(
      ...names.map((name) => {
        if (!(name in shared)) throw new Error(`Grafana does not share ${name}`);
        return shared[name];
      }),
    );
  };
  // Grafana, too, hands `define` in by wrapping the source.
  vm.runInThisContext(`(function(define) {\n${source}\n})`)(define);
  return exported;
}
