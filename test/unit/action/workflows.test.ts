// Workflows and examples of workflows: GitHub would say what is wrong with them after a push, this says it before.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { INPUTS, OUTPUTS } from '../../../src/action/inputs.ts';
import { modeOf } from '../../../src/action/mode.ts';

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
}

interface WorkflowJob {
  readonly 'runs-on'?: string;
  readonly needs?: string | readonly string[];
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly on?: unknown;
  readonly jobs: Readonly<Record<string, WorkflowJob>>;
}

const FOLDER = '.github/workflows';
const README = readFileSync('README.md', 'utf8');
const SCRIPTS = Object.keys((parse(readFileSync('package.json', 'utf8')) as { scripts: object }).scripts);
const ACTIONS_OF_OTHERS = /^actions\/(checkout|setup-node|upload-artifact)@v\d+$/;
/** Ours, as the repository itself and as others name it. */
const OUR_ACTION = /^(\.\/|snapback\/snapback@v\d+)$/;

const texts = [
  ...readdirSync(FOLDER).map((file) => [file, readFileSync(`${FOLDER}/${file}`, 'utf8')] as const),
  ...[...README.matchAll(/```yaml\n(jobs:\n[\s\S]*?)```/g)].map(
    ([, text], at) => [`README, example ${at + 1}`, text ?? ''] as const,
  ),
];

describe.each(texts)('%s', (_, text) => {
  const workflow = parse(text) as Workflow;
  const jobs = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps ?? []);

  test('is YAML in which no key stands twice', () => {
    expect(parseAllDocuments(text).flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
  });

  test('every job has a place to run, steps, and needs jobs that there are', () => {
    const odd = jobs.filter(([, { 'runs-on': runsOn = '', steps: own = [], needs = [] }]) => {
      return runsOn === '' || own.length === 0 || [needs].flat().some((name) => !(name in workflow.jobs));
    });
    expect(odd).toEqual([]);
  });

  test('every step does one thing, with an action or a script that there is', () => {
    const odd = steps.filter(({ uses, run }) => {
      if ((uses === undefined) === (run === undefined)) return true;
      const scripts = [...(run ?? '').matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => script);
      if (scripts.some((script) => !SCRIPTS.includes(script))) return true;
      return uses !== undefined && !OUR_ACTION.test(uses) && !ACTIONS_OF_OTHERS.test(uses);
    });
    expect(odd).toEqual([]);
  });

  test('our action gets inputs that it has, and that go together', () => {
    const known = INPUTS.map(({ name }) => name as string);
    const defaults = new Map<string, string>(INPUTS.map((one) => [one.name, 'byDefault' in one ? one.byDefault : '']));
    const ours = steps.filter(({ uses = '' }) => OUR_ACTION.test(uses));
    const unknown = ours.flatMap((step) => Object.keys(step.with ?? {}).filter((name) => !known.includes(name)));
    const kinds = ours.map(
      (step) => modeOf((name) => String(step.with?.[name] ?? defaults.get(name) ?? ''), 'linux').kind,
    );
    expect({ unknown, isUsed: kinds.length > 0 }).toEqual({ unknown: [], isUsed: true });
  });

  test('outputs are asked of steps that are there, and by names that our action has', () => {
    const names = OUTPUTS.map(({ name }) => name as string);
    const odd = [...text.matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)].filter(([, id = '', output = '']) => {
      return !steps.some((step) => step.id === id) || !names.includes(output);
    });
    expect(odd.map(([whole]) => whole)).toEqual([]);
  });

  test('no expression stands in a script: what it holds would be run as one', () => {
    expect(steps.filter(({ run }) => run?.includes('${{') === true)).toEqual([]);
  });
});

test('the project tries every kind of server, and its own action on every system', () => {
  const ci = parse(readFileSync(`${FOLDER}/ci.yml`, 'utf8')) as Workflow;
  const text = JSON.stringify(ci);
  const missing = ['mysql:', 'mariadb:', 'matrixorigin/matrixone:', 'ubuntu-latest', 'macos-latest', 'windows-latest'];
  expect(missing.filter((word) => !text.includes(word))).toEqual([]);
});
