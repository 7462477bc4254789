// Rules D1, D2, D3 and D7 of the house: who may import whom.

import { isBuiltin } from 'node:module';
import { describe, expect, test } from 'vitest';
import { PACKAGE_HOMES, ROOMS, ROOMS_OF_DOORS } from './house.ts';
import { packageOf, resolveImport, sourceFiles, type SourceFile } from './source-files.ts';

const files = sourceFiles();

describe.each(ROOMS)('src/$name', ({ name, rooms, packages }) => {
  const inside = files.filter(({ room }) => room === name);

  test('imports only rooms that stand above it, and enters them by their door', () => {
    const offences = inside.flatMap((file) => strangers(file, rooms).map((target) => `${file.path} -> ${target}`));
    expect(offences).toEqual([]);
  });

  test('imports only packages that are at home in it', () => {
    const offences = inside.flatMap((file) =>
      foreignPackages(file, packages).map((target) => `${file.path} -> ${target}`),
    );
    expect(offences).toEqual([]);
  });
});

test('the library door opens on the doors of rooms only', () => {
  const library = files.filter(({ room }) => room === '');
  const offences = library.flatMap(({ path, imports }) =>
    imports.filter((target) => !isDoor(resolveImport(path, target))).map((target) => `${path} -> ${target}`),
  );
  expect(offences).toEqual([]);
});

test('every folder of src is a room', () => {
  const rooms = new Set(files.map(({ room }) => room).filter((room) => room !== ''));
  expect([...rooms].filter((room) => !ROOMS.some(({ name }) => name === room))).toEqual([]);
});

test('a room may only import rooms printed above it', () => {
  const offences = ROOMS.flatMap(({ name, rooms }, place) =>
    rooms.filter((room) => !ROOMS.slice(0, place).some((above) => above.name === room)).map((room) => [name, room]),
  );
  expect(offences).toEqual([]);
});

test('no file imports itself by way of others, types included', () => {
  expect(cycles(files)).toEqual([]);
});

test('the search for circles finds one', () => {
  const circle = ['a', 'b', 'c'].map((name, place, names) => ({
    path: `plan/${name}.ts`,
    room: 'plan',
    text: '',
    imports: [`./${names[(place + 1) % 3] ?? ''}.ts`],
  }));
  expect(cycles(circle)).toEqual(['plan/a.ts -> plan/b.ts -> plan/c.ts -> plan/a.ts']);
});

function strangers({ path, room, imports }: SourceFile, allowed: readonly string[]): readonly string[] {
  return imports
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => resolveImport(path, specifier))
    .filter((target) => {
      const [targetRoom = ''] = target.split('/');
      if (targetRoom === room || target.endsWith('.json')) return false;
      return !allowed.includes(targetRoom) || !isDoor(target);
    });
}

function isDoor(target: string): boolean {
  const [room = '', file = ''] = target.split('/');
  return file === 'index.ts' || (ROOMS_OF_DOORS.includes(room) && target === `${room}/${file}`);
}

function foreignPackages({ path, imports }: SourceFile, allowed: readonly string[]): readonly string[] {
  return imports
    .filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier))
    .filter((specifier) => {
      const name = packageOf(specifier);
      const homes = PACKAGE_HOMES[name] ?? [''];
      return !allowed.includes(name) || !homes.some((home) => path.startsWith(home));
    });
}

/** Each circle once, as a way through files, from the first file that was met on it. */
function cycles(all: readonly SourceFile[]): readonly string[] {
  const targets = new Map(
    all.map(({ path, imports }) => [
      path,
      imports.filter((one) => one.startsWith('.')).map((specifier) => resolveImport(path, specifier)),
    ]),
  );
  const finished = new Set<string>();
  const found: string[] = [];
  const follow = (path: string, way: readonly string[]): void => {
    const start = way.indexOf(path);
    if (start >= 0) found.push([...way.slice(start), path].join(' -> '));
    if (start >= 0 || finished.has(path)) return;
    for (const target of targets.get(path) ?? []) follow(target, [...way, path]);
    finished.add(path);
  };
  for (const path of targets.keys()) follow(path, []);
  return found;
}
