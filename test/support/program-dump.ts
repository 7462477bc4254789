// A dump by the program that people use for it, so that the suites do not rest on a dump of our own alone.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestServer } from './servers.ts';

const run = promisify(execFile);

interface DumpProgram {
  readonly name: string;
  readonly options: readonly string[];
}

const OPTIONS = [
  ...['--routines', '--events', '--triggers', '--hex-blob', '--no-tablespaces', '--skip-lock-tables'],
  ...['--skip-comments', '--skip-extended-insert', '--complete-insert', '--default-character-set=utf8mb4'],
];

/** MySQL's own program where it is installed; MariaDB's, which understands both servers, otherwise. */
const PROGRAMS: readonly DumpProgram[] = [
  { name: 'mysqldump', options: [...OPTIONS, '--set-gtid-purged=OFF', '--column-statistics=0'] },
  { name: 'mariadb-dump', options: OPTIONS },
];

/** The program that dumps this server, or undefined where none is installed. */
export async function dumpProgramFor({ engine }: TestServer): Promise<DumpProgram | undefined> {
  for (const program of PROGRAMS) {
    const version = await run(program.name, ['--version']).then(
      ({ stdout }) => stdout,
      (error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      },
    );
    if (version === undefined) continue;
    // MariaDB's program is installed under the name of MySQL's too, and does not know its options.
    const isMariadbs = /mariadb/i.test(version);
    if (program.name === 'mysqldump' && (isMariadbs || engine === 'mariadb')) continue;
    return program;
  }
  return undefined;
}

/**
 * Everything in these databases as statements; rows stand one a line and sorted, so that their order in storage does
 * not show. A sentence instead where no program is installed.
 */
export async function programDump(server: TestServer, databases: readonly string[]): Promise<string> {
  const program = await dumpProgramFor(server);
  if (program === undefined) return 'no dump program is installed\n';
  const { hostname, port, username, password } = new URL(server.url);
  const login = [`--host=${hostname}`, `--port=${port}`, '--protocol=tcp', `--user=${decodeURIComponent(username)}`];
  const history = server.engine === 'mariadb' ? ['--dump-history'] : [];
  const dumps: string[] = [];
  // One at a time: MariaDB's program loses its character set on the way to a second database.
  for (const database of databases) {
    const { stdout } = await run(
      program.name,
      ['--no-defaults', ...login, ...program.options, ...history, '--databases', database],
      { maxBuffer: 2 ** 28, env: { ...process.env, MYSQL_PWD: decodeURIComponent(password) } },
    );
    dumps.push(sortRows(stdout.split('\n')).join('\n'));
  }
  return dumps.join('\n');
}

/** Sorts each run of lines that insert into one table. */
function sortRows(lines: readonly string[]): readonly string[] {
  const sorted: string[] = [];
  let rows: string[] = [];
  for (const line of [...lines, '']) {
    if (line.startsWith('INSERT INTO ')) {
      rows.push(line);
      continue;
    }
    sorted.push(...rows.sort(), line);
    rows = [];
  }
  return sorted;
}
