export { loadPlan, parsePlanText, PLAN_BYTES_MAX, type LoadedPlan, type PlanRequest } from './load-plan.ts';
export { fillPlaceholders, fillStep, showPlaceholders, type PlaceholderValues } from './placeholders.ts';
export { diskFiles, type PlanFiles, type ReadProblem } from './read-plan.ts';
export type { SourceText } from './source-text.ts';
export { nearest, didYouMean } from './suggest.ts';
export { parseTable } from './tables.ts';
export * from './types.ts';
export * from './write-plan.ts';
