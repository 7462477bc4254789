// Runs or resumes a plan in a process of its own and kills it, with SIGKILL, right after its n-th record is durable.
//   node run-until-record.mjs run|resume PLAN-OR-RUN JOURNAL-DIR RECORDS
// Prints `exit CODE VERDICT` when it came to its end alive.
import { readdirSync } from 'node:fs';
import { contextIn, readRun, resumeRun, runPlan } from '../../dist/index.js';

const [, , verb, subject, journalDirectory, records] = process.argv;
let left = Number(records);
const world = {
  env: process.env,
  cwd: process.cwd(),
  process: { pid: process.pid, host: 'test', user: 'test' },
  signal: new AbortController().signal,
};
const context = contextIn(world, {
  onEntry: () => {
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  },
});
const result = verb === 'run' ? await run() : await resume();
console.log(`exit ${result.exitCode} ${result.verdict ?? result.fault?.message}`);

async function run() {
  const { result: end, diagnostics } = await runPlan({ path: subject, vars: {}, journalDirectory }, context);
  if (end === undefined) throw new Error(JSON.stringify(diagnostics));
  return end;
}

async function resume() {
  try {
    return await resumeRun({ run: undefined, journalDirectory, settle: [] }, context);
  } catch (problem) {
    if (problem.code !== 'RUN_UNKNOWN') throw problem;
    // It was killed right after its last record: the run has ended, and its journal says how.
    const [journal] = readdirSync(journalDirectory).filter((name) => name.endsWith('.journal'));
    const { exit_code: exitCode, verdict } = await readRun(journalDirectory, journal.replace('.journal', ''));
    return { exitCode, verdict };
  }
}
