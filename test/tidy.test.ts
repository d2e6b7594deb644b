import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/**
 * The habits of the house, checked: imports run downhill and through a room's index, the world
 * (disk, clock, chance, sockets) is reached through core/ only, and files stay small.
 */
const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Lowest first: a room may import the rooms before it. */
const ROOMS = [
  'core',
  'sketches',
  'model',
  'indexes',
  'segments',
  'query',
  'ingest',
  'cluster',
  'server',
];
const STRANGERS: Record<string, string[]> = { ingest: ['query'] };

const MAX_LINES = 450;
const MAX_TEST_LINES = 700;
/** Files that may be longer, each with the reason. */
const LONGER: Record<string, string> = {};

interface SourceFile {
  path: string;
  room: string;
  isTest: boolean;
  text: string;
  imports: string[];
}

function walk(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    if (statSync(path).isDirectory()) return walk(path);
    return /\.tsx?$/.test(path) ? [path] : [];
  });
}

function existingRooms(): string[] {
  const names = new Set(readdirSync(ROOT));
  return ROOMS.filter((room) => names.has(room));
}

function filesOf(room: string): SourceFile[] {
  return walk(join(ROOT, room)).map((path) => {
    const text = readFileSync(path, 'utf8');
    return {
      path: relative(ROOT, path),
      room,
      isTest: path.endsWith('.test.ts') || path.endsWith('testing.ts'),
      text,
      imports: [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!),
    };
  });
}

const FILES: SourceFile[] = existingRooms().flatMap(filesOf);
const PRODUCTION = FILES.filter((file) => !file.isTest);

/** The other room that an import reaches, with the path inside it; null inside the same room. */
function foreignImport(
  file: SourceFile,
  specifier: string,
): { room: string; inside: string } | null {
  if (!specifier.startsWith('.')) return null;
  const target = normalize(join(dirname(file.path), specifier));
  const [room = '', ...rest] = target.split('/');
  return room === file.room ? null : { room, inside: rest.join('/') };
}

test('the house has rooms to look at', () => {
  expect(FILES.length).toBeGreaterThan(50);
});

describe('imports', () => {
  test('run downhill between rooms', () => {
    const uphill = FILES.flatMap((file) =>
      file.imports.flatMap((specifier) => {
        const foreign = foreignImport(file, specifier);
        if (foreign === null) return [];
        const downhill = ROOMS.indexOf(foreign.room) < ROOMS.indexOf(file.room);
        const strangers = STRANGERS[file.room]?.includes(foreign.room) ?? false;
        return downhill && ROOMS.includes(foreign.room) && !strangers
          ? []
          : [`${file.path} imports ${specifier}`];
      }),
    );
    expect(uphill).toEqual([]);
  });

  test('of another room go through its index.ts', () => {
    const around = FILES.flatMap((file) =>
      file.imports.flatMap((specifier) => {
        const foreign = foreignImport(file, specifier);
        const allowed = ['index.js', ...(file.isTest ? ['testing.js'] : [])];
        return foreign !== null && !allowed.includes(foreign.inside)
          ? [`${file.path} imports ${specifier}`]
          : [];
      }),
    );
    expect(around).toEqual([]);
  });
});

describe('the world is behind the seam', () => {
  const seams: { name: string; pattern: RegExp; allowed: (file: SourceFile) => boolean }[] = [
    {
      name: 'the file system',
      pattern: /from '(node:)?fs(\/promises)?'/,
      allowed: (file) => file.room === 'core',
    },
    {
      name: 'sockets',
      pattern: /from '(node:)?(net|tls|http|https|dgram|dns)(\/promises)?'/,
      allowed: (file) =>
        ['core', 'server'].includes(file.room) || file.path === 'cluster/transport/http-carrier.ts',
    },
    {
      name: 'the clock',
      pattern: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/,
      allowed: (file) => file.path === 'core/world.ts' || file.path.startsWith('server/cli/'),
    },
    {
      name: 'chance',
      pattern: /\bMath\.random\(|\brandomUUID\(|\brandomBytes\(/,
      allowed: (file) => file.room === 'core',
    },
    {
      name: 'timers',
      pattern: /(?<!\.)\b(setTimeout|setInterval)\(/,
      allowed: (file) => ['core', 'query', 'server'].includes(file.room),
    },
  ];
  test.each(seams)('$name', ({ pattern, allowed }) => {
    const offenders = PRODUCTION.filter((file) => !allowed(file) && pattern.test(file.text));
    expect(offenders.map((file) => file.path)).toEqual([]);
  });
});

test('files stay small', () => {
  const tooLong = FILES.flatMap((file) => {
    const lines = file.text.split('\n').length;
    const limit = file.isTest ? MAX_TEST_LINES : MAX_LINES;
    return lines > limit && !(file.path in LONGER) ? [`${file.path}: ${lines} lines`] : [];
  });
  expect(tooLong).toEqual([]);
});

test('grafana/ knows the HTTP API and nothing else, and its src/sql needs no Grafana', () => {
  const GRAFANA = filesOf('grafana/src');
  expect(GRAFANA.length).toBeGreaterThan(10);
  const outside = GRAFANA.flatMap((file) =>
    file.imports.flatMap((specifier) => {
      const relativePath = specifier.startsWith('.');
      const target = normalize(join(dirname(file.path), specifier));
      const pure = file.path.startsWith('grafana/src/sql/') && !file.isTest;
      const leaves = relativePath && !target.startsWith('grafana/src/');
      return leaves || (pure && !relativePath) ? [`${file.path} imports ${specifier}`] : [];
    }),
  );
  expect(outside).toEqual([]);
});

test('nothing is left undone in the code', () => {
  // The words that the check looks for: nothing is left over here.
  const leftOver =
    /\b(TODO|FIXME|XXX|HACK)\b|@ts-ignore|\bas any\b|: any\b|\b(test|describe)\.only\(/;
  expect(FILES.filter((file) => leftOver.test(file.text)).map((file) => file.path)).toEqual([]);
});
