import { findOnPath } from './on-path.ts';
import type { Environment, ServerEngine } from './types.ts';

export type PackageManager = 'apt-get' | 'dnf' | 'apk' | 'brew';

type Command = readonly [string, ...string[]];

/** In the order in which they are looked for: a machine may have brew beside its own one. */
const PACKAGE_MANAGERS: readonly PackageManager[] = ['apt-get', 'dnf', 'apk', 'brew'];

/** What installs MariaDB, command by command. */
export const MARIADB_COMMANDS: Readonly<Record<PackageManager, readonly Command[]>> = {
  'apt-get': [
    ['apt-get', 'update'],
    ['apt-get', 'install', '-y', 'mariadb-server'],
  ],
  dnf: [['dnf', 'install', '-y', 'mariadb-server']],
  apk: [['apk', 'add', 'mariadb', 'mariadb-client']],
  brew: [['brew', 'install', 'mariadb']],
};

/** Where the engine itself is in no package, a container serves. */
const OTHER_HINTS: Readonly<Record<PackageManager, { readonly mysql: string; readonly docker: string }>> = {
  'apt-get': {
    mysql: 'apt-get update && apt-get install -y mysql-server',
    docker: 'apt-get update && apt-get install -y docker.io',
  },
  dnf: { mysql: 'dnf install -y mysql-server', docker: 'dnf install -y docker' },
  apk: { mysql: 'apk add docker', docker: 'apk add docker' },
  brew: { mysql: 'brew install mysql', docker: 'brew install --cask docker' },
};

const DOCKER_BY_HAND = 'install Docker: https://docs.docker.com/get-started/get-docker/';

/** The package manager of this machine, if it is one we know. */
export function packageManagerOf(env: Environment): PackageManager | undefined {
  return PACKAGE_MANAGERS.find((name) => findOnPath(name, env) !== undefined);
}

/** The exact command that installs a server of that engine on this machine, ready to be pasted into a shell. */
export function installHint(env: Environment, engine: ServerEngine = 'mariadb'): string {
  const manager = packageManagerOf(env);
  if (manager === undefined) return DOCKER_BY_HAND;
  if (engine === 'mariadb') return mariadbCommandLine(manager);
  return OTHER_HINTS[manager][engine === 'mysql' ? 'mysql' : 'docker'];
}

/** The commands of `MARIADB_COMMANDS` as one line of shell. */
export function mariadbCommandLine(manager: PackageManager): string {
  return MARIADB_COMMANDS[manager].map((command) => command.join(' ')).join(' && ');
}
