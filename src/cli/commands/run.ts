import { Fault, renderDiagnostic } from '../../kernel/index.ts';
import type { PlanPreview } from '../../app/preview-plan.ts';
import { JOURNAL_DIR_OPTION, JSON_OPTION, QUIET_OPTION, listOption } from '../command.ts';
import type { CliCommand, OptionValues } from '../command.ts';
import type { Io } from '../io.ts';
import { contextOf, journalDirectoryOf } from '../context-of.ts';
import { displayOf } from '../display.ts';
import { varsOf } from './validate.ts';

export const runCommand: CliCommand = {
  name: 'run',
  summary: 'run a plan: snapshot, change, verify, and roll back if anything fails',
  operands: ['<plan>'],
  options: [
    { flags: '--var <name=value>', describe: 'sets a variable of the plan', isRepeatable: true },
    { flags: '--dry-run', describe: 'say what would happen, and what stands in the way; only reads' },
    JOURNAL_DIR_OPTION,
    JSON_OPTION,
    QUIET_OPTION,
  ],
  examples: [
    'snapback run plan.yaml',
    'snapback run plan.yaml --dry-run',
    'DATABASE_URL=mysql://app@db1/shop snapback run plan.yaml --var currency=CHF',
  ],
  exitCodes: [0, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13],

  async run([path = ''], options, io) {
    if (options['dryRun'] === true) return previewed(path, options, io);
    const { runPlan } = await import('../working.ts');
    const display = await displayOf(options, io);
    const vars = varsOf(listOption(options, 'var'));
    const context = await contextOf(io, display.listeners);
    try {
      const end = await runPlan({ path, vars, journalDirectory: journalDirectoryOf(options, io) }, context);
      for (const diagnostic of end.diagnostics) io.stderr.write(`${renderDiagnostic(end.source.text, diagnostic)}\n\n`);
      if (end.kind === 'worked') return display.conclude(end.result);
      throw new Fault('PLAN_INVALID', `${path} has ${countOf(end.diagnostics.length)}; no server was contacted`);
    } finally {
      display.close();
    }
  },
};

/** For `run --dry-run` and `doctor`. */
export async function previewed(path: string, options: OptionValues, io: Io): Promise<number> {
  const { previewPlan } = await import('../working.ts');
  const vars = varsOf(listOption(options, 'var'));
  const end = await previewPlan({ path, vars }, await contextOf(io));
  for (const diagnostic of end.diagnostics) io.stderr.write(`${renderDiagnostic(end.source.text, diagnostic)}\n\n`);
  if (end.kind === 'previewed') return tellPreview(end.preview, options, io);
  throw new Fault('PLAN_INVALID', `${path} has ${countOf(end.diagnostics.length)}; no server was contacted`);
}

export async function tellPreview(preview: PlanPreview, options: OptionValues, io: Io): Promise<number> {
  const { previewText } = await import('../working.ts');
  io.stdout.write(options['json'] === true ? `${JSON.stringify({ version: 1, ...preview })}\n` : previewText(preview));
  return preview.isReady ? 0 : 13;
}

function countOf(problems: number): string {
  return problems === 1 ? 'one problem' : `${problems} problems`;
}
