export { toGraphJson, toMermaid } from '../compile/index.ts';
