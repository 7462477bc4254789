import { describeEachEngine } from '../support/servers.ts';
import { snapshotsConformance } from './snapshots-conformance.ts';

describeEachEngine(snapshotsConformance, { engines: ['mariadb', 'mysql'] });
