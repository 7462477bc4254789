import type { InitFacts, InitPlan, InitWishes } from '../../app/init-plan.ts';
import { textOption, type CliCommand, type OptionValues } from '../command.ts';
import { contextOf } from '../context-of.ts';
import type { Io } from '../io.ts';
import { loginOf, LOGIN_OPTIONS } from './snapshot/shared.ts';

const PLAN = 'plan.yaml';

export const initCommand: CliCommand = {
  name: 'init',
  summary: 'look at a live database and write a plan for its next migration; nothing else is changed',
  operands: ['[plan]'],
  options: [
    ...LOGIN_OPTIONS,
    { flags: '--databases <names>', describe: "databases to protect: a,b (default: the URL's)" },
    { flags: '--command <command>', describe: 'what migrates (default: the migrator whose files are here)' },
    { flags: '--name <name>', describe: "the plan's name (default: that of its file)" },
    { flags: '--print', describe: 'print the plan and write no file' },
    { flags: '--force', describe: 'replace a plan that is there' },
    { flags: '--yes', describe: 'ask nothing: flags and what was found decide' },
  ],
  examples: [
    'snapback init',
    'snapback init plans/upgrade.yaml --url mysql://app@db1/shop --yes',
    "snapback init --databases shop,audit --command 'npx prisma migrate deploy' --print",
  ],
  exitCodes: [0, 2, 9, 13],

  async run([path = PLAN], options, io) {
    const { assertFree, saveInitPlan, surveyForInit, writeInitPlan } = await import('../working.ts');
    const url = await loginOf(options, io);
    const context = await contextOf(io);
    const isPrinted = options['print'] === true;
    const isForced = options['force'] === true;
    if (!isPrinted && !isForced) assertFree(path, context);
    const facts = await surveyForInit(url, context);
    const wishes = await wishesOf(facts, options, io);
    const plan = await writeInitPlan({ url, path, facts, wishes }, context);
    if (isPrinted) io.stdout.write(plan.text);
    else await saveInitPlan({ path, text: plan.text, isForced }, context);
    tell({ path, isPrinted, facts, wishes, plan }, io);
    return 0;
  },
};

async function wishesOf(facts: InitFacts, options: OptionValues, io: Io): Promise<InitWishes> {
  const { databases, urlDatabase, migrator } = facts;
  const mayAsk = io.isInteractive && options['yes'] !== true;
  const given = textOption(options, 'databases');
  const guess = urlDatabase ?? (databases.length === 1 ? databases[0] : undefined);
  const asked = async (): Promise<string> => {
    const shown = guess ?? `of ${databases.join(', ')}`;
    const answer = await io.ask(`Which databases does it protect? [${shown}] `);
    return answer.trim() === '' ? (guess ?? '') : answer;
  };
  const names = given ?? (mayAsk ? await asked() : (guess ?? ''));
  const typed = textOption(options, 'command') ?? (mayAsk ? await commandAsked(migrator, io) : '');
  return {
    databases: names.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()])),
    command: typed.trim() === '' ? migrator?.command : commandOf(typed.trim()),
    name: textOption(options, 'name'),
  };
}

async function commandAsked(migrator: InitFacts['migrator'], io: Io): Promise<string> {
  const shown = migrator === undefined ? 'none yet' : inWords(migrator.command);
  return io.ask(`What is the command that migrates it? [${shown}] `);
}

/** Words where they are plain; whatever a shell would look at stays one line for a shell. */
function commandOf(text: string): readonly string[] | string {
  return /^[\w./:@=,+ -]+$/.test(text) ? text.split(/\s+/) : text;
}

function inWords(command: readonly string[] | string): string {
  return typeof command === 'string' ? command : command.join(' ');
}

interface Told {
  readonly path: string;
  readonly isPrinted: boolean;
  readonly facts: InitFacts;
  readonly wishes: InitWishes;
  readonly plan: InitPlan;
}

function tell({ path, isPrinted, facts, wishes, plan }: Told, io: Io): void {
  const rows = new Intl.NumberFormat('en-US').format(plan.rowCount);
  const where = isPrinted ? 'This plan protects' : `${path} is written. It protects`;
  const what = `${wishes.databases.join(', ')} (${plan.tableCount} tables, about ${rows} rows) on ${facts.server}`;
  const { migrator } = facts;
  const found = migrator === undefined ? '' : ` (${migrator.found} was found)`;
  const runs =
    wishes.command === undefined
      ? 'No migration was found here: put yours into the step `migrate`.'
      : `It runs: ${inWords(wishes.command)}${wishes.command === migrator?.command ? found : ''}.`;
  const lines = [
    `${where} ${what}.`,
    runs,
    ...plan.problems.map((text) => `  ✗ ${text}`),
    ...(plan.grants.length === 0 ? [] : ['  An administrator can give the rights:']),
    ...plan.grants.map((sql) => `    ${sql}`),
    ...(isPrinted ? [] : [`Next: snapback run ${path} --dry-run, with DATABASE_URL set.`]),
  ];
  io.stderr.write(`${lines.join('\n')}\n`);
}
