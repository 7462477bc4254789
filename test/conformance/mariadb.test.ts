import { describeEachEngine } from '../support/servers.ts';
import { engineConformance } from './engine-conformance.ts';

describeEachEngine(engineConformance, { engines: ['mariadb'] });
