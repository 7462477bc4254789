// Ways of being wrong that stand in the source itself: a place of its text that says something else. Each is built into
// a copy of the simulation, so that `src` holds nothing that is there for them.

interface Edit {
  /** Under `src`. */
  readonly file: string;
  /** It has to be there, once: a mutant of what is no longer there shows nothing. */
  readonly from: string;
  readonly to: string;
}

const RUN = 'runtime/run.ts';
const ACTION = 'runtime/perform-action.ts';
const SQL = 'runtime/steps/sql.ts';
const TOPOLOGY = 'compile/topology.ts';
const FOLD = 'journal/fold.ts';

const CLAIM = `    const claim = await engine.markers.claim(session, scope.ports.run, key, signal);
    if (claim === 'already-there') {
      await session.query('ROLLBACK', { signal });
      return evidenceOf(statements.length, 0, true);
    }
`;

export const SOURCE_MUTANTS: Readonly<Record<string, readonly Edit[]>> = {
  'the marker comes last': [
    { file: SQL, from: CLAIM, to: '' },
    {
      file: SQL,
      from: `    await session.query('COMMIT', { signal });\n`,
      to: `    await session.query('COMMIT', { signal });
    await engine.markers.claim(session, scope.ports.run, key, signal);\n`,
    },
  ],
  'no quiet before undo, restore and proof': [
    { file: ACTION, from: 'if (needsQuiet(node)) await deps.becomeQuiet();', to: '' },
  ],
  'nothing is quiet before a run is taken up': [
    {
      file: RUN,
      from: '(isResumed ? becomeQuiet(compiled.plan, ports, open, signal) : Promise.resolve())',
      to: 'Promise.resolve(void open)',
    },
  ],
  'the server is not asked what happened': [
    {
      file: ACTION,
      from: 'const finding = await probe(filled(step, deps), scope);',
      to: `const finding = { kind: 'not-done', why: '' } as Finding;`,
    },
  ],
  'a restore is not proven': [
    {
      file: TOPOLOGY,
      from: `needsProof(plan) ? 'auto/proof' : verdictKey('rolled-back')`,
      to: `verdictKey('rolled-back')`,
    },
  ],
  'the OK of a restore is trusted': [
    {
      file: 'runtime/way-back.ts',
      from: "if (!evidence.is_equal) return failed(differs(evidence), 'some', evidence);",
      to: 'void differs;',
    },
  ],
  'another plan is resumed': [
    {
      file: 'app/resume-run.ts',
      from: 'if (compiled.plan.digest === journal.state().opened.plan_digest) return;',
      to: 'if (compiled.plan.digest.length > 0) return;',
    },
  ],
  'what has an unknown outcome is tried again': [
    { file: ACTION, from: `const mayRepeat = outcome.effect === 'none';`, to: 'const mayRepeat = true;' },
  ],
  'an outcome is told before it is recorded': [
    {
      file: 'journal/journal.ts',
      from: `      const entry = await writer.append(record);\n`,
      to: `      for (const listener of listeners) {
        listener({ sequence: entries.length + 1, time: '', record, hash: '' });
      }
      const entry = await writer.append(record);\n`,
    },
  ],
  'a resumed step begins with its first statement again': [
    {
      file: SQL,
      from: 'const done = scope.ports.history().statements.get(scope.key)?.settledCount ?? 0;',
      to: 'const done = 0;',
    },
  ],
  'what never began is undone': [
    {
      file: ACTION,
      from: 'return ports.history().intents.has(`steps/${id}`) ? undefined : `${id} had not begun`;',
      to: 'return id.length > 0 ? undefined : id;',
    },
  ],
  'a failed undo is hidden by a good proof': [
    {
      file: 'compile/machine.ts',
      from: `'an undo failed': ({ context }) => context.hasFailedUndo,`,
      to: `'an undo failed': ({ context }) => context.hasFailedUndo && context.verdict === 'stuck',`,
    },
  ],
  'the record of the server stays open': [
    {
      file: RUN,
      from: '    await closeRows(targets, ports, verdict);\n    await ports.append',
      to: '    await ports.append',
    },
  ],
  'a stuck run is tidied up': [
    { file: TOPOLOGY, from: `next: verdict === 'stuck' ? ENDED : cleaning,`, to: 'next: cleaning,' },
  ],
  'an attempt that was cut off is forgotten': [
    { file: FOLD, from: `        this.#inDoubt.set(action, { attempt: record.attempt });\n`, to: '' },
  ],
};
