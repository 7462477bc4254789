// A terminal that is closed while the program runs.

import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { isatty } from 'node:tty';

/**
 * At its end, Node looks for the terminal that it had at its start, and is aborted when that is gone. Standard input
 * and outputs are given a place that is there, so that the program ends with its own exit code.
 */
export function outliveTerminal(atExit: (work: () => void) => void): void {
  const fds = [0, 1, 2].filter((fd) => isatty(fd));
  atExit(() => {
    for (const fd of fds.filter((one) => !isatty(one))) {
      closeSync(fd);
      // The lowest free number is taken, which is the one that was just given back.
      openSync(devNull, 'r+');
    }
  });
}
