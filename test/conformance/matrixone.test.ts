import { describeRecorded } from '../support/recorded.ts';
import type { TestServer } from '../support/servers.ts';
import { engineConformance } from './engine-conformance.ts';
import { snapshotsConformance } from './snapshots-conformance.ts';

function conformance(server: TestServer): void {
  engineConformance(server);
  snapshotsConformance(server);
}

describeRecorded(conformance);
