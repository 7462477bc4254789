import { expect, test } from 'vitest';
import { detectServer } from '../../../src/engines/detect-flavour.ts';

test.each([
  ['10.11.14-MariaDB-0+deb12u2', 'Debian 12', { flavour: 'mariadb', version: '10.11.14', label: 'MariaDB 10.11.14' }],
  ['5.5.5-10.6.1-MariaDB', '', { flavour: 'mariadb', version: '10.6.1', label: 'MariaDB 10.6.1' }],
  ['11.4.2', 'mariadb.org binary distribution', { flavour: 'mariadb', version: '11.4.2', label: 'MariaDB 11.4.2' }],
  ['9.7.4-2', '(Debian)', { flavour: 'mysql', version: '9.7.4', label: 'MySQL 9.7.4' }],
  ['8.0.36', 'MySQL Community Server - GPL', { flavour: 'mysql', version: '8.0.36', label: 'MySQL 8.0.36' }],
  ['8.0.30-MatrixOne-v4.2.0', 'MatrixOne', { flavour: 'matrixone', version: '4.2.0', label: 'MatrixOne 4.2.0' }],
])('%s (%s) is known', (version, comment, server) => {
  expect(detectServer(version, comment)).toEqual({ kind: 'ok', value: server });
});

test.each([
  ['5.7.44-log', 'MySQL Community Server', 'MySQL 5.7.44 is older than MySQL 8.0'],
  ['10.5.23-MariaDB', '', 'MariaDB 10.5.23 is older than MariaDB 10.6'],
  ['proxy', '', 'the server calls itself `proxy`'],
])('%s (%s) is refused', (version, comment, problem) => {
  expect(detectServer(version, comment)).toEqual({ kind: 'err', problem });
});
