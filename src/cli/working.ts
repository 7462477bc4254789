// What the commands that work on runs and servers need, in one module: loaded only by them, and in one piece.
export { demo } from '../app/demo.ts';
export * from '../app/index.ts';
export {
  createSnapshot,
  dropSnapshots,
  levelsOf,
  listSnapshots,
  previewDrop,
  previewNewAccount,
  findRestorable,
  previewRestore,
  restoreSnapshot,
} from '../app/manage-snapshots.ts';
export { assertFree, saveInitPlan, surveyForInit, writeInitPlan } from '../app/init-plan.ts';
export { printProtectPlan, protect } from '../app/protect.ts';
export {
  alterPitr,
  createPitr,
  dropPitr,
  findPitr,
  listPitrs,
  previewPitrRestore,
  restorePitr,
} from '../app/manage-pitr.ts';
export { previewPlan, previewServer } from '../app/preview-plan.ts';
export { tellUnverified } from '../app/tell-unverified.ts';
export { previewFromRecord, previewRollback } from '../app/preview-rollback.ts';
export { destroyedLines, previewText } from '../app/preview-text.ts';
export { findPrunable } from '../app/prune.ts';
export { closeFromRecord, recordedRun, rollbackFromRecord } from '../app/rollback-from-record.ts';
export { ENGINES, sandbox } from '../app/sandbox.ts';
export { urlOfLogin } from '../app/snapshot-login.ts';
export { localRuns, serverRuns } from '../app/list-runs.ts';
export { LOG_LEVELS, pinoLog } from '../app/logging.ts';
export { describeRun, findHash, tellNewest } from '../app/run-status.ts';
export {
  LiveTerminal,
  renderEvent,
  renderHtml,
  renderJson,
  renderJunit,
  renderMarkdown,
  renderTerminal,
  TICK_MS,
  writeReport,
} from '../report/index.ts';
