// Kills and cuts real runs on real servers, the long form of `test/faults`:
//   npm run torture -- --kills 300 [--cuts 120] [--server-kills 50] [--engines mariadb,mysql] [--seed 1]
// Prints, for each engine, how often a run was killed in which phase, and what it told in the end; fails on one lie.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    cuts: { type: 'string' },
    'server-kills': { type: 'string' },
    engines: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const CAMPAIGNS = [
  { file: 'test/faults/random-kills.test.ts', count: values.kills, variable: 'SNAPBACK_KILLS' },
  { file: 'test/faults/cut-connections.test.ts', count: values.cuts, variable: 'SNAPBACK_CUTS' },
  { file: 'test/faults/server-kills.test.ts', count: values['server-kills'], variable: 'SNAPBACK_SERVER_KILLS' },
];
const asked = CAMPAIGNS.filter(({ count }) => count !== undefined);
const campaigns = asked.length === 0 ? [{ ...CAMPAIGNS[0], count: '300' }] : asked;
const env = { ...process.env, SNAPBACK_SEED: values.seed };
for (const { count, variable } of campaigns) env[variable] = count;
if (values.engines !== undefined) env.SNAPBACK_TEST_ENGINES = values.engines;

const words = ['run', '-c', 'test/tooling/vitest.config.ts', '--project', 'servers'];
for (const { file } of campaigns) words.push(file);
const build = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
const end = build.status === 0 ? spawnSync('npx', ['vitest', ...words], { stdio: 'inherit', env }) : build;
process.exitCode = end.status ?? 1;
