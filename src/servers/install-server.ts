import { geteuid } from 'node:process';
import { Fault } from '../kernel/index.ts';
import { MARIADB_COMMANDS, mariadbCommandLine, packageManagerOf, type PackageManager } from './install-hint.ts';
import { findOnPath } from './on-path.ts';
import { runProgram } from './run-program.ts';
import type { Environment } from './types.ts';

export interface InstallRequest {
  readonly env: Environment;
  /** Each command before it runs, as `$ apt-get update`, and each line that it prints. */
  readonly onOutput: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Installs MariaDB from the packages of this system. Repeatable.
 *
 * @throws {Fault} GUARD_REFUSED without root or a sudo that asks no password, or without a package manager we know,
 *   before anything is changed; PROGRAM_FAILED when a command fails
 */
export async function installServer({ env, onOutput, signal }: InstallRequest): Promise<void> {
  const manager = packageManagerOf(env);
  if (manager === undefined) {
    throw new Fault('GUARD_REFUSED', 'found none of apt-get, dnf, apk and brew to install a server with', {
      hint: 'Install MariaDB by hand so that mariadbd is on PATH, or start Docker.',
    });
  }
  const prefix = await privilege({ manager, isRoot: geteuid?.() === 0, env }, signal);
  for (const command of MARIADB_COMMANDS[manager]) {
    const [program, ...args] = [...prefix, ...command];
    const shown = [...prefix, ...command].join(' ');
    onOutput(`$ ${shown}`);
    const { exitCode, output } = await runProgram({
      command: [program ?? manager, ...args],
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
      onLine: onOutput,
      ...(signal === undefined ? {} : { signal }),
    });
    if (exitCode === 0) continue;
    const last = output.trimEnd().split('\n').slice(-5).join('\n');
    throw new Fault('PROGRAM_FAILED', `\`${shown}\` ended with ${exitCode ?? 'a signal'}:\n${last}`);
  }
}

/** What to put before a command so that it may change the system. @throws {Fault} GUARD_REFUSED */
export async function privilege(
  caller: { readonly manager: PackageManager; readonly isRoot: boolean; readonly env: Environment },
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const { manager, isRoot, env } = caller;
  if (manager === 'brew') {
    if (!isRoot) return [];
    throw new Fault('GUARD_REFUSED', 'brew does not run as root', {
      hint: `As an ordinary user: ${mariadbCommandLine(manager)}`,
    });
  }
  if (isRoot) return [];
  if (findOnPath('sudo', env) !== undefined) {
    const { exitCode } = await runProgram({
      command: ['sudo', '-n', 'true'],
      env,
      ...(signal === undefined ? {} : { signal }),
    });
    // sudo drops most of the environment, so the setting goes on the command line.
    if (exitCode === 0) return ['sudo', '-n', 'DEBIAN_FRONTEND=noninteractive'];
  }
  throw new Fault('GUARD_REFUSED', 'installing a server needs root, or a sudo that does not ask for a password', {
    hint: `As root: ${mariadbCommandLine(manager)}`,
  });
}
