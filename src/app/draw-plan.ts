// Diagrams, in a door of their own: laying them out takes a library that nothing else needs.

import { toPicture, type Fate, type RanPlan, type Topology } from '../compile/index.ts';
import { renderSvg } from '../drawing/index.ts';
import { formatDuration } from '../kernel/index.ts';
import { pathInWords, pictureOfRun, type ActionReport, type RunReport } from '../report/index.ts';

/** The machine of a plan as SVG. */
export function drawPlan(topology: Topology): string {
  return renderSvg(toPicture(topology));
}

/**
 * The machine of a run's plan with the path that it took; without `topology` that path alone, which is all that its
 * journal holds. Undefined where there is nothing to draw.
 */
export function drawRun(report: RunReport, topology: Topology | undefined): string | undefined {
  if (topology !== undefined) return renderSvg(toPicture(topology, ranOf(report)));
  const picture = pictureOfRun(report);
  return picture.boxes.length === 0 ? undefined : renderSvg(picture);
}

function ranOf(report: RunReport): RanPlan {
  const { verdict, rollbacks_asked, actions } = report;
  return {
    fates: new Map(actions.flatMap((action) => fateOf(action))),
    verdict: verdict === 'open' || verdict === 'closed' ? undefined : verdict,
    wasAsked: rollbacks_asked.length > 0,
    description: pathInWords(report),
  };
}

function fateOf({ action, state, duration_ms }: ActionReport): readonly (readonly [string, Fate])[] {
  const note = duration_ms === null ? '' : formatDuration(duration_ms);
  switch (state) {
    case 'not-reached':
      return [];
    case 'running':
      return [[action, { state: 'in-doubt', note: 'under way' }]];
    case 'in-doubt':
      return [[action, { state: 'in-doubt', note: 'in doubt' }]];
    case 'skipped':
      return [[action, { state: 'succeeded', note: 'nothing to do' }]];
    case 'succeeded':
    case 'failed':
      return [[action, { state, note }]];
  }
}
