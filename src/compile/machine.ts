// The machine of a plan. It holds no connection, clock or file: the same plan always gives the same machine, and the
// same
// outcomes always lead to the same verdict. That is what lets `resume` replay. Guards and actions read as sentences.

import { assign, fromPromise, setup } from 'xstate';
import type { StepOutcome, Verdict } from '../kernel/index.ts';
import { ENDED, type ActionNode, type Topology, type TopologyNode, type VerdictNode } from './topology.ts';

export interface MachineContext {
  readonly entry: Entry;
  readonly failedAction: string | undefined;
  readonly hasFailedUndo: boolean;
  readonly verdict: Verdict | undefined;
  readonly performers: Performers;
}

/** What the machine has done for it: `runtime` journals it, a test scripts it. */
export interface Performers {
  readonly perform: (node: ActionNode) => Promise<StepOutcome>;
  readonly record: (input: VerdictInput) => Promise<void>;
}

/** Where a run enters: at its first step, or on the way back because a person asked for it. */
export type Entry = 'the beginning' | 'the way back';

export interface VerdictInput {
  readonly verdict: Verdict;
  readonly failedAction: string | undefined;
}

interface MachineTypes {
  context: MachineContext;
  input: { readonly entry: Entry; readonly performers: Performers };
  output: { readonly verdict: Verdict | undefined; readonly failedAction: string | undefined };
}

/** xstate reads these types and never the value. */
const TYPES = {} as MachineTypes;

const planSetup = setup({
  types: TYPES,
  actors: {
    'perform action': fromPromise<StepOutcome, { readonly node: ActionNode; readonly performers: Performers }>(
      ({ input: { node, performers } }) => performers.perform(node),
    ),
    'record verdict': fromPromise<undefined, { readonly verdict: VerdictInput; readonly performers: Performers }>(
      async ({ input: { verdict, performers } }) => {
        await performers.record(verdict);
        return undefined;
      },
    ),
  },
  guards: {
    'the action succeeded': (_, outcome: StepOutcome) => outcome.kind === 'succeeded',
    'a person asked for the way back': ({ context }) => context.entry === 'the way back',
    'an undo failed': ({ context }) => context.hasFailedUndo,
  },
  actions: {
    'remember the failed step': assign({
      failedAction: ({ context }, key: string) => context.failedAction ?? key,
    }),
    'remember the failed undo': assign({ hasFailedUndo: true }),
    'remember the verdict': assign({ verdict: (_, verdict: Verdict) => verdict }),
  },
});

/** The machine that `runPlan` starts. Its output is the verdict and the step that failed. */
export type PlanMachine = ReturnType<typeof machineOf>;

export function machineOf(topology: Topology, id: string) {
  const names = stateNames(topology);
  const states = Object.fromEntries([...topology.nodes.values()].map((node) => [node.state, stateOf(node, names)]));
  const weighed = [...topology.nodes.values()]
    .filter((node) => node.kind === 'verdict')
    .flatMap((node) => weighing(node, names));

  return planSetup.createMachine({
    id,
    context: ({ input }) => ({ ...input, failedAction: undefined, hasFailedUndo: false, verdict: undefined }),
    initial: 'start',
    states: {
      start: {
        always: [
          { guard: 'a person asked for the way back', target: names(topology.wayBack) },
          { target: names(topology.first) },
        ],
      },
      ...states,
      ...Object.fromEntries(weighed),
      [ENDED]: { type: 'final' },
    },
    output: ({ context }) => ({ verdict: context.verdict, failedAction: context.failedAction }),
  });
}

type Names = (key: string) => string;

function stateNames(topology: Topology): Names {
  return (key) => {
    const node = topology.nodes.get(key);
    if (node === undefined) return ENDED;
    return node.kind === 'verdict' && node.unlessUndoFailed !== undefined ? weighingState(node) : node.state;
  };
}

const weighingState = (node: VerdictNode): string => `before ${node.state}`;

/** Where a failed undo turns a proven rollback into `stuck`. */
function weighing(node: VerdictNode, names: Names) {
  if (node.unlessUndoFailed === undefined) return [];
  const always = [{ guard: 'an undo failed' as const, target: names(node.unlessUndoFailed) }, { target: node.state }];
  return [[weighingState(node), planSetup.createStateConfig({ always })] as const];
}

function stateOf(node: TopologyNode, names: Names) {
  return node.kind === 'action' ? actionState(node, names) : verdictState(node, names);
}

function actionState(node: ActionNode, names: Names) {
  return planSetup.createStateConfig({
    invoke: {
      src: 'perform action',
      input: ({ context: { performers } }) => ({ node, performers }),
      onDone: [
        {
          guard: { type: 'the action succeeded', params: ({ event }) => event.output },
          target: names(node.whenSucceeded),
        },
        { target: names(node.whenFailed), actions: memoryOf(node) },
      ],
    },
  });
}

function memoryOf(node: ActionNode) {
  switch (node.failureMeans) {
    case 'the step failed':
      return [{ type: 'remember the failed step' as const, params: node.key }];
    case 'an undo failed':
      return [{ type: 'remember the failed undo' as const }];
    case 'nothing':
      return [];
  }
}

function verdictState(node: VerdictNode, names: Names) {
  return planSetup.createStateConfig({
    invoke: {
      src: 'record verdict',
      input: ({ context: { performers, failedAction } }) => ({
        verdict: { verdict: node.verdict, failedAction },
        performers,
      }),
      onDone: { target: names(node.next), actions: { type: 'remember the verdict', params: node.verdict } },
    },
  });
}
