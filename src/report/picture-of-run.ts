import { formatDuration } from '../kernel/index.ts';
import type { Arrow, Box, Picture } from '../drawing/index.ts';
import { summaryOf } from './describe-evidence.ts';
import type { ActionReport, RunReport } from './run-report.ts';
import { VERDICT_TITLES } from './tell-run.ts';
import { isWayBack, listOf } from './words.ts';

/**
 * The way that a run took, as boxes and arrows: from its journal alone, for when its plan is no longer there. What the
 * run might have done instead is not in it.
 */
export function pictureOfRun(report: RunReport): Picture {
  const reached = report.actions.filter(({ state }) => state !== 'not-reached');
  const boxes = reached.map(boxOf);
  const arrows = reached.slice(1).map((action, at): Arrow => {
    const before = reached[at];
    const look = before?.state === 'failed' ? 'failure' : 'onward';
    return { from: before?.action ?? '', to: action.action, look, isTaken: true };
  });
  return { title: `The run of ${report.plan.name}`, description: pathInWords(report), boxes, arrows };
}

/** The path in words, for whoever cannot see the diagram. */
export function pathInWords({ actions, verdict }: RunReport): string {
  const reached = actions.filter(({ state }) => state !== 'not-reached');
  const path = listOf(
    reached.map((action) => `${action.title} (${action.state.replace('-', ' ')})`),
    40,
  );
  return `The run took this path: ${path === '' ? 'none' : path}. ${VERDICT_TITLES[verdict]}.`;
}

const TONES: Readonly<Record<ActionReport['state'], Box['tone']>> = {
  succeeded: 'good',
  skipped: 'plain',
  failed: 'bad',
  running: 'warn',
  'in-doubt': 'warn',
  'not-reached': 'faint',
};

function boxOf(action: ActionReport): Box {
  const { kind, duration_ms } = action;
  const took = duration_ms === null ? summaryOf(action) : formatDuration(duration_ms);
  return {
    id: action.action,
    shape: isWayBack(action.action) || action.phase === 'auto' ? 'work' : 'step',
    group: action.phase,
    label: action.title,
    note: kind === null || kind === action.title ? took : `${kind} · ${took}`,
    tone: TONES[action.state],
  };
}
