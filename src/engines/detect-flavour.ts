import { err, ok, type Result } from '../kernel/index.ts';
import type { Flavour } from './port.ts';
import type { DetectedServer } from './wire/connector.ts';

const NAMES: Readonly<Record<Flavour, string>> = { mysql: 'MySQL', mariadb: 'MariaDB', matrixone: 'MatrixOne' };

/** The oldest versions whose DDL survives a crash whole, on which restores are built. */
const OLDEST: Readonly<Record<Flavour, readonly [major: number, minor: number]>> = {
  mysql: [8, 0],
  mariadb: [10, 6],
  matrixone: [2, 1],
};

/** What `version()` and `@@version_comment` tell of a server; the problem is a sentence for people. */
export function detectServer(versionText: string, comment: string): Result<DetectedServer, string> {
  const flavour = flavourOf(versionText, comment);
  const version = versionOf(flavour, versionText);
  if (version === undefined) return err(`the server calls itself \`${versionText.slice(0, 80)}\``);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST[flavour];
  const label = `${NAMES[flavour]} ${version}`;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    return err(`${label} is older than ${NAMES[flavour]} ${oldestMajor}.${oldestMinor}`);
  }
  return ok({ flavour, version, label });
}

function flavourOf(versionText: string, comment: string): Flavour {
  if (/matrixone/i.test(versionText) || /matrixone/i.test(comment)) return 'matrixone';
  if (/mariadb/i.test(versionText) || /mariadb/i.test(comment)) return 'mariadb';
  return 'mysql';
}

/** MatrixOne writes the version of MySQL first and its own one last; old replicas of MariaDB see `5.5.5-` before it. */
function versionOf(flavour: Flavour, text: string): string | undefined {
  if (flavour === 'matrixone') return /matrixone-v?(\d+\.\d+(?:\.\d+)?)/i.exec(text)?.[1];
  return /^(?:5\.5\.5-)?(\d+\.\d+(?:\.\d+)?)/.exec(text)?.[1];
}
