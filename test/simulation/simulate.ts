// `npm run simulate -- --runs N --seed S`: tells that many stories and prints what was wrong in them.
// `--story SEED` tells one; `--mutants WORD` gives each mutant with that word in its name (`''`: all of them) 1,000
// stories to be found out in.

import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { Coverage } from './coverage.ts';
import { STORIES_MAX, tellerOf, type Teller } from './mutant-stories.ts';
import { MUTANTS } from './mutants.ts';
import { randomScenario } from './random-scenario.ts';
import { simulateOne } from './simulate-one.ts';
import { SOURCE_MUTANTS } from './source-mutants.ts';
import { minimal } from './story.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
    wanted: { type: 'string' },
    part: { type: 'string', default: '0' },
    story: { type: 'string' },
    mutants: { type: 'string' },
  },
});

/** Fewer hit thin cells by luck: then the coverage is printed, and nothing follows from it. */
const DEMANDED_FROM_RUNS = 20_000;

interface Tally {
  readonly runs: number;
  readonly processes: number;
  readonly endings: readonly (readonly [string, number])[];
  readonly hits: readonly (readonly [string, number])[];
  readonly bad: readonly { readonly seed: string; readonly violations: readonly string[] }[];
}

async function tally(): Promise<Tally> {
  const endings = new Map<string, number>();
  const coverage = new Coverage();
  const bad: { seed: string; violations: readonly string[] }[] = [];
  let processes = 0;
  let runs = 0;
  for (let at = Number(values.part); at < Number(values.runs); at += Number(values.jobs)) {
    const seed = `${values.seed}.${at}`;
    const told = await simulateOne(randomScenario(seed));
    runs += 1;
    processes += told.processCount;
    endings.set(told.ending, (endings.get(told.ending) ?? 0) + 1);
    coverage.add(told.hits);
    if (told.violations.length > 0) bad.push({ seed, violations: told.violations });
  }
  return { runs, processes, endings: [...endings], hits: coverage.entries(), bad };
}

/** The stories are shared out among processes, one per job. */
async function shared(): Promise<readonly Tally[]> {
  const jobs = Number(values.jobs);
  if (jobs === 1) return [await tally()];
  const [, script = ''] = process.argv;
  return Promise.all(
    Array.from({ length: jobs }, (_, part) => {
      const child = fork(script, [...process.argv.slice(2), '--part', String(part)], {
        env: { ...process.env, PART: '1' },
        execArgv: ['--max-semi-space-size=64', '--single-threaded-gc', '--stack-trace-limit=0'],
      });
      return new Promise<Tally>((resolve, reject) => {
        child.once('message', (message) => resolve(message as Tally));
        child.once('exit', (code) => (code === 0 ? undefined : reject(new Error(`a part ended with ${code ?? ''}`))));
      });
    }),
  );
}

async function report(): Promise<void> {
  const startedMs = Date.now();
  const parts = await shared();
  const seconds = (Date.now() - startedMs) / 1000;
  const coverage = new Coverage();
  const endings = new Map<string, number>();
  for (const part of parts) {
    coverage.add(new Map(part.hits));
    for (const [ending, count] of part.endings) endings.set(ending, (endings.get(ending) ?? 0) + count);
  }
  const bad = parts.flatMap((part) => part.bad);
  const [first] = bad;
  if (first !== undefined) await tellMinimal(first.seed);
  for (const { seed, violations } of bad.slice(0, 20)) console.log(`${seed}: ${violations.join('; ')}`);
  console.log(coverage.table().join('\n'));
  const wanted = Number(values.wanted ?? Math.floor(Number(values.runs) / 1000));
  const isDemanded = values.wanted !== undefined || Number(values.runs) >= DEMANDED_FROM_RUNS;
  const missing = coverage.missing(wanted);
  console.log(
    missing.length === 0 ? `every cell was hit at least ${wanted} times` : `below ${wanted}: ${missing.join(', ')}`,
  );
  console.log(`the thinnest cell: ${coverage.missing(Infinity).at(0) ?? ''}`);
  console.log([...endings].map(([ending, count]) => `${ending} ${count}`).join(', '));
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  const runs = sum(parts.map((part) => part.runs));
  const processes = sum(parts.map((part) => part.processes));
  console.log(`${runs} runs by ${processes} processes, ${bad.length} violations, ${seconds.toFixed(1)} s`);
  process.exitCode = bad.length > 0 || (isDemanded && missing.length > 0) ? 1 : 0;
}

async function tellMinimal(seed: string): Promise<void> {
  const scenario = await minimal(randomScenario(seed));
  const told = await simulateOne(scenario);
  console.log([`seed ${seed}, made as small as it goes:`, ...scenarioLines(scenario), ...told.story].join('\n'));
  console.log(told.violations.map((violation) => `  VIOLATION ${violation}`).join('\n'));
}

function scenarioLines({ plan, arms }: ReturnType<typeof randomScenario>): readonly string[] {
  const { steps } = plan.compiled.plan;
  return [
    `  plan: ${steps.map(({ id, onFailure }) => (onFailure === 'rollback' ? id : `${id} (${onFailure})`)).join(', ')}`,
    ...arms.map(
      ({ fault, at, nth, name = '' }) => `  fault: ${fault} at call ${nth} of ${name} ${at.kind}, ${at.moment}`,
    ),
  ];
}

/** For each mutant the first story that shows it, as `shown.ts` holds them. */
async function hunt(wanted: string): Promise<void> {
  const all = [...MUTANTS, ...Object.keys(SOURCE_MUTANTS)];
  for (const mutant of all.filter((name) => wanted === '' || name.includes(wanted))) {
    const tell = await tellerOf(mutant);
    const found = await firstShown(tell);
    const words = found === undefined ? 'null, // NOT FOUND' : `${found.at}, // ${found.violation.slice(0, 60)}`;
    console.log(`  '${mutant}': ${words}`);
  }
}

async function firstShown(tell: Teller) {
  for (let at = 0; at < STORIES_MAX; at += 1) {
    const seed = `mutant.${at}`;
    const [violation] = await tell(seed);
    if (violation === undefined) continue;
    const sound = await simulateOne(randomScenario(seed));
    if (sound.violations.length === 0) return { at, violation };
  }
  return undefined;
}

if (process.env['PART'] !== undefined) process.send?.(await tally());
else if (values.story !== undefined) {
  const told = await simulateOne(randomScenario(values.story));
  console.log([...told.story, ...told.violations].join('\n'));
} else if (values.mutants !== undefined) await hunt(values.mutants);
else await report();
