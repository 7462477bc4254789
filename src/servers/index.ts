export { findServers, URL_VARIABLES } from './find-servers.ts';
export { installHint } from './install-hint.ts';
export { installServer, type InstallRequest } from './install-server.ts';
export { runAttached } from './run-attached.ts';
export { startServer } from './start-server.ts';
export {
  ENGINE_LABELS,
  SERVER_ENGINES,
  type FoundServer,
  type RunningServer,
  type ServerEngine,
  type ServerRequest,
} from './types.ts';
