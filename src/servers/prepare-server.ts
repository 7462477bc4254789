import { mkdir, open, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { geteuid } from 'node:process';
import { Fault, systemEntropy } from '../kernel/index.ts';
import type { ServerBinary } from './find-binaries.ts';
import { freePorts, LOOPBACK } from './free-ports.ts';
import { logTail } from './log-tail.ts';
import { MATRIXONE_LOGIN, MATRIXONE_PORT_COUNT, matrixoneFiles } from './matrixone-launch.ts';
import {
  initFileText,
  LOG_FILE,
  mariadbInstallArguments,
  mysqlInitialiseArguments,
  serverArguments,
  type MysqlFamilyLaunch,
} from './mysql-family-launch.ts';
import { findOnPath, isExecutable } from './on-path.ts';
import type { Environment } from './types.ts';
import type { Watchdog } from './watchdog.ts';

/** What to launch, any number of times, on data that are there. */
export interface PreparedServer {
  readonly program: string;
  readonly args: readonly string[];
  readonly port: number;
  readonly url: string;
}

export interface Preparation {
  readonly binary: ServerBinary;
  readonly directory: string;
  readonly env: Environment;
}

const INITIALISE_TIMEOUT_MS = 180_000;
const PASSWORD_LENGTH = 20;

/**
 * Writes configuration and first data into the directory. Programs that this takes run under the watchdog as well.
 *
 * @throws {Fault} NO_SERVER when the data cannot be made
 */
export async function prepareServer(
  preparation: Preparation,
  watchdog: Watchdog,
  signal?: AbortSignal,
): Promise<PreparedServer> {
  if (preparation.binary.engine === 'matrixone') return prepareMatrixone(preparation);
  return prepareMysqlFamily(preparation, watchdog, signal);
}

async function prepareMatrixone({ binary, directory }: Preparation): Promise<PreparedServer> {
  const ports = await freePorts(MATRIXONE_PORT_COUNT);
  for (const [name, text] of Object.entries(matrixoneFiles(ports))) await writeFile(join(directory, name), text);
  const [port = 0] = ports;
  const args = ['-launch', 'launch.toml'];
  return { program: binary.path, args, port, url: urlOf({ ...MATRIXONE_LOGIN, port }) };
}

async function prepareMysqlFamily(
  { binary, directory, env }: Preparation,
  watchdog: Watchdog,
  signal?: AbortSignal,
): Promise<PreparedServer> {
  const [port = 0] = await freePorts(1);
  const installer = binary.engine === 'mariadb' ? await findInstaller(binary.path, env) : undefined;
  const launch: MysqlFamilyLaunch = {
    directory,
    port,
    baseFolder: installer?.baseFolder,
    isRoot: geteuid?.() === 0,
    isScript: await isScript(binary.path),
  };
  // Others on this machine can reach the port, and a root without a password there may read and write files.
  const password = systemEntropy.token(PASSWORD_LENGTH);
  await writeFile(join(directory, 'init.sql'), initFileText(password), { mode: 0o600 });
  for (const folder of ['tmp', 'files']) await mkdir(join(directory, folder));

  const program = installer?.path ?? binary.path;
  await watchdog.launch(program, installer ? mariadbInstallArguments(launch) : mysqlInitialiseArguments(launch));
  const { code } = await watchdog.exit(INITIALISE_TIMEOUT_MS, signal);
  if (code !== 0) {
    const tail = await logTail(join(directory, LOG_FILE));
    throw new Fault('NO_SERVER', `${program} could not make a data directory:\n${tail}`, {
      hint: 'The end of its output is in the message.',
    });
  }
  const url = urlOf({ user: 'root', password, port });
  return { program: binary.path, args: serverArguments(launch), port, url };
}

function urlOf({ user, password, port }: { user: string; password: string; port: number }): string {
  return `mysql://${user}:${password}@${LOOPBACK}:${port}`;
}

interface Installer {
  readonly path: string;
  readonly baseFolder: string | undefined;
}

/**
 * The script that makes MariaDB's system tables: beside the server, in the archive it was unpacked with, or on PATH.
 */
async function findInstaller(server: string, env: Environment): Promise<Installer> {
  const root = dirname(dirname(await realpath(server)));
  for (const name of ['mariadb-install-db', 'mysql_install_db']) {
    const unpacked = join(root, 'scripts', name);
    if (isExecutable(unpacked)) return { path: unpacked, baseFolder: root };
    for (const path of [join(dirname(server), name), join(root, 'bin', name)]) {
      if (isExecutable(path)) return { path, baseFolder: undefined };
    }
    const onPath = findOnPath(name, env);
    if (onPath !== undefined) return { path: onPath, baseFolder: undefined };
  }
  throw new Fault('NO_SERVER', `found ${server}, but no mariadb-install-db to make its data directory`);
}

async function isScript(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.toString('latin1', 0, bytesRead) === '#!';
  } finally {
    await file.close();
  }
}
