// The person whom exit code 7 calls: looks at the raw tables and answers truly. And who may call a person at all.

import type { RunState } from '../../src/journal/index.ts';
import type { Fault } from '../../src/kernel/index.ts';
import type { Step } from '../../src/plan/index.ts';
import type { Task } from './processes.ts';
import { countOf, kindOfAction, sqlOf } from './random-plan.ts';
import type { World } from './world.ts';

/** What the person types; undefined where nothing but closing the run is left. */
export function answerOf(world: World, state: RunState | undefined): Task | undefined {
  const action = inDoubt(state);
  if (state === undefined || action === undefined) return undefined;
  const step = stepOf(world, action);
  const meaning = world.scenario.plan.meanings.get(step?.id ?? '');
  if (step === undefined || meaning === undefined) return undefined;
  const index = state.statements.get(action)?.inDoubt;
  const sql = index === undefined || step.kind !== 'sql' ? undefined : step.sources[0]?.text.split(';\n')[index];
  const all = [...meaning.effects, ...meaning.strays];
  const effects = sql === undefined ? all : meaning.effects.filter((effect) => sqlOf(effect) === sql);
  const counts = effects.map((effect) => countOf(effect, world.server.tables));
  world.tell(`a person looks at ${action}: ${counts.join(', ')}`);
  if (counts.length === 0 || counts.every((count) => count === 0)) return settled(step.id, 'undone');
  if (counts.every((count) => count > 0)) return settled(step.id, 'done');
  const isCovered = state.settled.get('steps/s0')?.outcome.kind === 'succeeded' && action.startsWith('steps/');
  return isCovered ? { kind: 'roll-back' } : undefined;
}

/** Why a person was called who could do nothing that the program could not. */
export function illegitimate(world: World, state: RunState | undefined, fault: Fault | undefined): readonly string[] {
  if (fault === undefined) return wronglyStuck(world, state);
  if (fault.code === 'NOT_QUIET') {
    return world.story.some((line) => line.includes('very long')) ? [] : ['not quiet, and nothing kept it'];
  }
  const action = inDoubt(state);
  if (action === undefined) return [`${fault.code}: a person is asked, and nothing is in doubt`];
  const kind = kindOfAction(world.scenario.plan, action);
  return kind === 'sql-alone' || kind === 'run' ? [] : [`a person is asked about ${action}: ${kind} can be known`];
}

function wronglyStuck(world: World, state: RunState | undefined): readonly string[] {
  const failed = [...(state?.settled ?? [])].filter(
    ([key, { outcome }]) => outcome.kind === 'failed' && /^(undo|rollback|auto)\//.test(key) && key !== 'auto/release',
  );
  const isMeant = failed.some(([key, { outcome }]) => {
    const step = stepOf(world, key);
    if (step === undefined) return false;
    // A program takes its time, whether something is in its way or not.
    const isLate = step.kind === 'run' && outcome.kind === 'failed' && outcome.fault.code === 'TIMEOUT';
    return isLate || world.scenario.plan.meanings.get(step.id)?.fails === true;
  });
  const isHurt = world.faults.fired.some(({ fault }) =>
    ['deadlock', 'lock-wait', 'slow', 'restore-lies'].includes(fault),
  );
  // A crash in the midst of letting them go may leave a snapshot dropped that no record says so of.
  const isDropped = failed.some(
    ([, { outcome }]) => outcome.kind === 'failed' && outcome.fault.code === 'SNAPSHOT_MISSING',
  );
  const wasReleased = state?.intents.has('auto/release') === true;
  const told = failed.map(([key, { outcome }]) => `${key} ${outcome.kind === 'failed' ? outcome.fault.message : ''}`);
  return isMeant || isHurt || (isDropped && wasReleased)
    ? []
    : [`stuck, and nothing was in the way: ${told.join('; ')}`];
}

function inDoubt(state: RunState | undefined): string | undefined {
  return [...(state?.inDoubt.keys() ?? [])].at(-1);
}

function stepOf(world: World, action: string): Step | undefined {
  const node = world.scenario.plan.compiled.topology.nodes.get(action);
  return node?.kind === 'action' && node.action.kind === 'step' ? node.action.step : undefined;
}

function settled(step: string, as: 'done' | 'undone'): Task {
  return { kind: 'resume', settle: [{ step, as }] };
}
