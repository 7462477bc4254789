import { join } from 'node:path';
import { LOOPBACK } from './free-ports.ts';

export interface MysqlFamilyLaunch {
  /** The server's own directory; everything it writes is below it. */
  readonly directory: string;
  readonly port: number;
  /** Given when the program sits in an unpacked archive. */
  readonly baseFolder: string | undefined;
  /** Servers refuse to run as root unless told. */
  readonly isRoot: boolean;
  /** A wrapper script puts arguments of its own first, and `--no-defaults` is only understood in the first place. */
  readonly isScript: boolean;
}

export const LOG_FILE = 'server.log';

/** The account the URL logs in with; loopback connections count as `localhost`. */
export function initFileText(password: string): string {
  return `ALTER USER 'root'@'localhost' IDENTIFIED BY '${password}';\n`;
}

/** Arguments of the server proper. */
export function serverArguments(launch: MysqlFamilyLaunch): readonly string[] {
  const { directory, port } = launch;
  return [
    ...commonArguments(launch),
    `--port=${port}`,
    `--bind-address=${LOOPBACK}`,
    `--socket=${join(directory, 'server.sock')}`,
    `--pid-file=${join(directory, 'server.pid')}`,
    `--log-error=${join(directory, LOG_FILE)}`,
    `--tmpdir=${join(directory, 'tmp')}`,
    `--secure-file-priv=${join(directory, 'files')}`,
    `--init-file=${join(directory, 'init.sql')}`,
    '--character-set-server=utf8mb4',
    '--event-scheduler=OFF',
    '--max-connections=300',
    '--max-allowed-packet=64M',
    '--sync-binlog=0',
    '--loose-mysqlx=OFF',
  ];
}

/** `mysqld --initialize-insecure` */
export function mysqlInitialiseArguments(launch: MysqlFamilyLaunch): readonly string[] {
  return [...commonArguments(launch), '--initialize-insecure'];
}

/** Arguments of `mariadb-install-db`. */
export function mariadbInstallArguments(launch: MysqlFamilyLaunch): readonly string[] {
  return [
    ...commonArguments({ ...launch, isScript: false }),
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    // Else it looks up the machine's name, which a container often cannot, and makes a second root for it.
    '--skip-name-resolve',
    '--force',
  ];
}

/**
 * Small, and quick to create. A commit reaches the operating system before it is acknowledged, so it outlives `kill -9`
 * of the server; what nobody waits for is the disk, because a machine that crashes takes a throw-away server with it.
 */
function commonArguments({ directory, baseFolder, isRoot, isScript }: MysqlFamilyLaunch): readonly string[] {
  return [
    ...(isScript ? [] : ['--no-defaults']),
    ...(baseFolder === undefined ? [] : [`--basedir=${baseFolder}`]),
    ...(isRoot ? ['--user=root'] : []),
    `--datadir=${join(directory, 'data')}`,
    '--innodb-flush-log-at-trx-commit=2',
    '--loose-innodb-flush-method=nosync',
    '--innodb-buffer-pool-size=64M',
    '--loose-innodb-log-file-size=48M',
    '--loose-innodb-redo-log-capacity=96M',
    '--loose-innodb-use-native-aio=0', // the kernel's limit on it is shared by all who test on this machine
  ];
}
