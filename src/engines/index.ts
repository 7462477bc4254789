export * from './pitr-port.ts';
export * from './port.ts';
export * from './scope.ts';
export { openEngine } from './open-engine.ts';
export { splitStatements } from './sql/split-statements.ts';
export { databaseUrlForPrograms, parseConnectionUrl, type ConnectionOptions } from './wire/connection-url.ts';
export { isSameStart } from './wire/server-start.ts';
export { detectServer } from './detect-flavour.ts';
export { wireConnector } from './wire/wire-connector.ts';
