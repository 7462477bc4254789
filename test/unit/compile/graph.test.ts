import { expect, test } from 'vitest';
import { toGraphJson, toMermaid } from '../../../src/compile/index.ts';
import { topologyOf } from '../../../src/compile/topology.ts';
import { planOf, snapshotStep, sqlStep } from '../../support/plan-builder.ts';

const topology = topologyOf(planOf([snapshotStep('before'), sqlStep('migrate')]));

test('the Mermaid diagram shows steps, failure edges, restore, proof and verdicts', () => {
  expect(toMermaid(topology)).toEqual(
    [
      'flowchart TD',
      '  n_steps_2f_before["snapshot: before"]',
      '  n_steps_2f_migrate["sql: migrate"]',
      '  n_auto_2f_restore[/"restore what the snapshots cover"/]',
      '  n_auto_2f_proof[/"prove that it is back"/]',
      '  n_verdict_2f_committed(["committed"])',
      '  n_verdict_2f_rolled_2d_back(["rolled-back"])',
      '  n_verdict_2f_failed_2d_clean(["failed-clean"])',
      '  n_verdict_2f_stuck(["stuck"])',
      '  n_auto_2f_release[/"release the snapshots"/]',
      '  n_ended((end))',
      '  n_steps_2f_before --> n_steps_2f_migrate',
      '  n_steps_2f_before -.->|fails| n_verdict_2f_failed_2d_clean',
      '  n_steps_2f_migrate --> n_verdict_2f_committed',
      '  n_steps_2f_migrate -.->|fails| n_auto_2f_restore',
      '  n_auto_2f_restore --> n_auto_2f_proof',
      '  n_auto_2f_restore -.->|fails| n_verdict_2f_stuck',
      '  n_auto_2f_proof --> n_verdict_2f_rolled_2d_back',
      '  n_auto_2f_proof -.->|fails| n_verdict_2f_stuck',
      '  n_verdict_2f_committed --> n_auto_2f_release',
      '  n_verdict_2f_rolled_2d_back --> n_auto_2f_release',
      '  n_verdict_2f_failed_2d_clean --> n_auto_2f_release',
      '  n_verdict_2f_stuck --> n_ended',
      '  n_auto_2f_release --> n_ended',
      '',
    ].join('\n'),
  );
});

test('the JSON graph lists the same edges, each with the outcome that takes it', () => {
  const { edges } = toGraphJson(topology) as { edges: unknown[] };
  expect(edges.slice(0, 2)).toEqual([
    { from: 'steps/before', to: 'steps/migrate', when: 'succeeded' },
    { from: 'steps/before', to: 'verdict/failed-clean', when: 'failed' },
  ]);
});
