import { z } from 'zod';
import { type JsonObject, parseJson, UserError } from '../core/index.js';
import { ConfigFile } from './config.js';

const PREFIX = 'VARVE_';

/** Between the parts of a path; words of one part have a single one between them. */
const BETWEEN = '__';

/** What a value may be, as JSON Schema says it. */
interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
}

/** A key of the configuration that a variable may set. */
interface Setting {
  readonly path: readonly string[];
  readonly shape: Shape;
  /** The shape of what it is a part of. */
  readonly parent: Shape;
}

/** A configuration, and which variable set what of it. */
export interface WithEnvironment {
  readonly config: JsonObject;
  /** By key, such as `query.workers`. */
  readonly variables: ReadonlyMap<string, string>;
}

/**
 * Puts what the environment says over `config`: `VARVE_QUERY__MAX_GROUPS` is `query.maxGroups`. Lists are separated by commas,
 * objects are JSON. Where the configuration wants the place of a secret, the variable may hold the secret itself: then the
 * variable is that place. Throws UserError for a variable that is written like a key and is none.
 */
export function withEnvironment(
  config: JsonObject,
  environment: Readonly<Record<string, string | undefined>>,
): WithEnvironment {
  const given = Object.entries(environment).filter(
    ([name, text]) => name.startsWith(PREFIX) && text,
  );
  const settings = given.length === 0 ? new Map<string, Setting>() : allSettings();
  const variables = new Map<string, string>();
  let merged = config;
  // A part of something wins over all of it.
  const byDepth = given.sort(([a], [b]) => depth(a) - depth(b) || (a < b ? -1 : 1));
  for (const [name, text] of byDepth) {
    const setting = settings.get(name);
    if (setting === undefined) {
      if (name.includes(BETWEEN)) throw noSuchKey(name, [...settings.keys()]);
      continue;
    }
    const { path, value } = placed(setting, name, text!);
    merged = setAt(merged, path, value);
    variables.set(setting.path.join('.'), name);
  }
  return { config: merged, variables };
}

const depth = (name: string): number => name.split(BETWEEN).length;

/** Every key that there is, by the name of its variable. */
export function allSettings(): Map<string, Setting> {
  const settings = new Map<string, Setting>();
  const visit = (parent: Shape, above: readonly string[]): void => {
    for (const branch of branchesOf(parent)) {
      for (const [key, shape] of Object.entries(branch.properties ?? {})) {
        const path = [...above, key];
        const name = PREFIX + path.map(wordsOf).join(BETWEEN);
        const known = settings.get(name)?.shape;
        const both = known === undefined ? shape : { anyOf: [known, shape] };
        settings.set(name, { path, shape: both, parent });
        visit(shape, path);
      }
    }
  };
  visit(z.toJSONSchema(ConfigFile, { io: 'input', unrepresentable: 'any' }) as Shape, []);
  return settings;
}

/** `maxGroups` as `MAX_GROUPS`. */
const wordsOf = (key: string): string => key.replace(/[A-Z]/g, '_$&').toUpperCase();

const branchesOf = (shape: Shape): readonly Shape[] => [
  shape,
  ...[...(shape.anyOf ?? []), ...(shape.oneOf ?? [])].flatMap(branchesOf),
];

/** Of a secret it is written where it is: by one key, which goes in place of any other. */
const isSecretPlace = (shape: Shape): boolean =>
  branchesOf(shape).some(({ properties = {} }) => Object.keys(properties).join() === 'environment');

function placed({ path, shape, parent }: Setting, name: string, text: string) {
  if (isSecretPlace(parent)) return { path: path.slice(0, -1), value: { [path.at(-1)!]: text } };
  if (isSecretPlace(shape) && !text.startsWith('{')) return { path, value: { environment: name } };
  return { path, value: readValue(shape, name, text) };
}

/** A text that is nothing else is left for the configuration to take or refuse. */
function readValue(shape: Shape, name: string, text: string): unknown {
  const types = new Set(branchesOf(shape).map(({ type }) => type));
  if (types.has('object') && text.startsWith('{')) return json(name, text);
  if (types.has('array')) return text.startsWith('[') ? json(name, text) : listOf(text);
  if (types.has('boolean') && /^(true|false)$/.test(text)) return text === 'true';
  if (types.has('null') && text === 'null') return null;
  const isNumeric = types.has('number') || types.has('integer');
  return isNumeric && /^-?\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : text;
}

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

function json(name: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new UserError(`${name}: want JSON, for it begins like it; got ${text.slice(0, 60)}`);
  }
}

/** A copy in which the value is at the path. What is in the way is left for the configuration to refuse. */
function setAt(config: JsonObject, [key, ...rest]: readonly string[], value: unknown): JsonObject {
  const inner = config[key!];
  if (rest.length === 0) return { ...config, [key!]: value };
  const isObject = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
  return { ...config, [key!]: setAt(isObject ? (inner as JsonObject) : {}, rest, value) };
}

function noSuchKey(name: string, known: readonly string[]): UserError {
  const letters = (text: string) => text.replaceAll('_', '');
  const meant = known.find((each) => letters(each) === letters(name));
  const remedy =
    meant === undefined
      ? 'unset it or mend its spelling; "query.maxGroups" is VARVE_QUERY__MAX_GROUPS'
      : `write ${meant}`;
  return new UserError(
    `the environment variable ${name} names no key of the configuration; ${remedy}`,
  );
}
