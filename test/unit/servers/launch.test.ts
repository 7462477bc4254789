import { expect, test } from 'vitest';
import { MATRIXONE_PORT_COUNT, matrixoneFiles } from '../../../src/servers/matrixone-launch.ts';
import {
  initFileText,
  mariadbInstallArguments,
  mysqlInitialiseArguments,
  serverArguments,
  type MysqlFamilyLaunch,
} from '../../../src/servers/mysql-family-launch.ts';
import { freePorts } from '../../../src/servers/free-ports.ts';

const plain: MysqlFamilyLaunch = {
  directory: '/tmp/d',
  port: 4242,
  baseFolder: undefined,
  isRoot: false,
  isScript: false,
};

test('a server ignores the configuration of the machine and keeps to the loopback address and its own folder', () => {
  const args = serverArguments(plain);
  expect(args[0]).toEqual('--no-defaults');
  expect(args.filter((one) => /bind|port=|socket|datadir|pid-file|tmpdir|secure-file|event/.test(one))).toEqual([
    '--datadir=/tmp/d/data',
    '--port=4242',
    '--bind-address=127.0.0.1',
    '--socket=/tmp/d/server.sock',
    '--pid-file=/tmp/d/server.pid',
    '--tmpdir=/tmp/d/tmp',
    '--secure-file-priv=/tmp/d/files',
    '--event-scheduler=OFF',
  ]);
});

test('root runs a server as root, and nobody else names a user', () => {
  const users = [true, false].map((isRoot) =>
    serverArguments({ ...plain, isRoot }).filter((one) => one.startsWith('--user')),
  );
  expect(users).toEqual([['--user=root'], []]);
});

test('a wrapper script is not given the option that must be the first one, for it puts its own first', () => {
  const isFirst = (args: readonly string[]): boolean => args[0] === '--no-defaults';
  const script = { ...plain, isScript: true };
  expect([isFirst(serverArguments(script)), isFirst(mysqlInitialiseArguments(script))]).toEqual([false, false]);
  expect(isFirst(mariadbInstallArguments(script))).toEqual(true);
});

test('data are made with the settings that the server has later', () => {
  const settings = (args: readonly string[]) => args.filter((one) => /innodb|datadir|basedir/.test(one));
  const launch = { ...plain, baseFolder: '/srv/mariadb' };
  expect(settings(mariadbInstallArguments(launch))).toEqual(settings(serverArguments(launch)));
  expect(settings(mysqlInitialiseArguments(launch))).toEqual(settings(serverArguments(launch)));
});

test('root gets a password before anybody can connect', () => {
  expect(initFileText('abc')).toEqual("ALTER USER 'root'@'localhost' IDENTIFIED BY 'abc';\n");
});

test('each listener of a MatrixOne has a port of its own on the loopback address', () => {
  const ports = Array.from({ length: MATRIXONE_PORT_COUNT }, (_, index) => 7000 + index);
  const files = matrixoneFiles(ports);
  expect(Object.keys(files)).toEqual(['launch.toml', 'log.toml', 'tn.toml', 'cn.toml']);
  const text = Object.values(files).join('\n');
  const listeners = [...text.matchAll(/^(?:listen-address|\w+-address) = "([\d.]+):(\d+)"$/gm)];
  expect([...new Set(listeners.map(([, host]) => host))]).toEqual(['127.0.0.1']);
  const used = new Set([...listeners.map(([, , port]) => Number(port)), Number(/^port = (\d+)$/m.exec(text)?.[1])]);
  expect([...used].sort()).toEqual(ports);
});

test('ports that are asked for together are all different', async () => {
  const ports = await freePorts(12);
  expect(new Set(ports).size).toEqual(12);
});
