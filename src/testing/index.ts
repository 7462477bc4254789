// The test runners' door.

export { startServer, type RunningServer } from '../servers/index.ts';
