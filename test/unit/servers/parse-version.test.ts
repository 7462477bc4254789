import { describe, expect, test } from 'vitest';
import { isVersionWanted, parseServerVersion } from '../../../src/servers/parse-version.ts';

const MATRIXONE = `2026/01/31 10:00:00 +0000 INFO system/system.go:1 something 1.2.3
MatrixOne build info:
  The golang version used to build this binary: go version go1.26.8 linux/amd64
  Version: v4.2.0
`;

describe(parseServerVersion, () => {
  test.each([
    ['mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)', 'mariadb', '10.11.19'],
    ['/usr/sbin/mysqld  Ver 11.4.2-MariaDB for osx10.19 on arm64 (Homebrew)', 'mariadb', '11.4.2'],
    ['/usr/sbin/mysqld  Ver 8.0.36-0ubuntu0.22.04.1 for Linux on x86_64 ((Ubuntu))', 'mysql', '8.0.36'],
    [MATRIXONE, 'matrixone', '4.2.0'],
  ])('tells from %j that it is %s %s', (text, engine, version) => {
    expect(parseServerVersion(text)).toEqual({ engine, version });
  });

  test.each(['', 'mysqld: command not found', 'Version: v4.2.0', 'psql (PostgreSQL) 17.2'])(
    'makes nothing of %j',
    (text) => {
      expect(parseServerVersion(text)).toEqual(undefined);
    },
  );
});

describe(isVersionWanted, () => {
  test.each([
    ['10.11.19', undefined, true],
    ['10.11.19', '10.11', true],
    ['10.11.19', '10.11.19', true],
    ['10.11.19', '10.1', false],
    ['10.11.19', '11', false],
  ])('%s serves who asks for %s: %s', (version, wanted, expected) => {
    expect(isVersionWanted(version, wanted)).toEqual(expected);
  });
});
