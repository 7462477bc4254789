// What the commands that contact no server need, in one module, so that it is loaded in one piece and they start fast.
export { toGraphJson, toMermaid } from '../app/graph-plan.ts';
export { loadCompiled } from '../app/load-compiled.ts';
