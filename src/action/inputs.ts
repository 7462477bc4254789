// The action's inputs and outputs as one table: `npm run generate` makes action.yml and the README's table from it.

export interface ActionInput {
  readonly name: string;
  readonly describe: string;
  /** As action.yml has it; GitHub evaluates it again for the post step. Left out: empty. */
  readonly byDefault?: string;
}

export interface ActionOutput {
  readonly name: string;
  readonly describe: string;
}

export const INPUTS = [
  { name: 'plan', describe: 'A plan to run. One of `plan`, `command` and `guard` must be given.' },
  {
    name: 'command',
    describe:
      'A command to protect: snapshot, command, checks. ' +
      'It runs in bash, on Windows in pwsh, and stops at the first error.',
  },
  {
    name: 'guard',
    describe:
      '`job`: takes the snapshot now; ' +
      'the post step checks, and restores when the rest of the job failed or was cancelled.',
  },
  { name: 'url', describe: 'The server and login, mysql://user:password@host:port/database. Left out: DATABASE_URL.' },
  { name: 'vars', describe: 'Variables of the plan, one NAME=VALUE per line.' },
  {
    name: 'databases',
    describe: "What the snapshot covers, one per line or with commas. Left out: the URL's database.",
  },
  { name: 'tables', describe: 'Single tables instead, `database.table`.' },
  {
    name: 'rows',
    describe: 'Row counts, one rule per line: `same`, or TABLE=EXPECTATION such as `shop.audit_log=no less`.',
  },
  { name: 'unchanged', describe: 'Tables whose content must not change; `*` stands for any run of characters.' },
  {
    name: 'queries',
    describe: 'Queries and what they must give, one per line: `NAME: SQL => none`, `some` or a value.',
  },
  { name: 'schema', describe: '`same`: no definition may change.' },
  {
    name: 'keep',
    describe: 'The snapshot stays: `always`, `on-failure` or a time such as `24h`. Left out: until proven.',
  },
  { name: 'timeout', describe: 'The command may take so long: `10m`.' },
  { name: 'working-directory', describe: 'Where plan and command are.', byDefault: '.' },
  { name: 'summary', describe: '`false` writes no job summary.', byDefault: 'true' },
  {
    name: 'cancel-seconds',
    describe: 'How long the steps that follow a cancelled job may take. A restore that may take longer is warned of.',
    byDefault: '300',
  },
  {
    name: 'job-status',
    describe:
      'Leave it as it is: GitHub fills it in when the post step begins, ' +
      'and that is how the job is known to have failed.',
    byDefault: '${{ job.status }}',
  },
] as const satisfies readonly ActionInput[];

export const OUTPUTS = [
  { name: 'verdict', describe: '`committed`, `rolled-back`, `failed-clean`, `stopped`, `stuck`, or `open`.' },
  { name: 'run-id', describe: 'The run, for `snapback rollback RUN --url URL` from anywhere.' },
  { name: 'snapshot', describe: "The snapshot's name on the server." },
  { name: 'failed-step', describe: 'The step that failed, or nothing.' },
  { name: 'report', describe: 'Path of the HTML report, for an upload.' },
  { name: 'journal', describe: "Path of the run's journal." },
] as const satisfies readonly ActionOutput[];

export type InputName = (typeof INPUTS)[number]['name'];
export type OutputName = (typeof OUTPUTS)[number]['name'];

/** The inputs as the runner hands them over. An input that is not there is empty. */
export function inputsFrom(env: Readonly<Record<string, string | undefined>>): (name: InputName) => string {
  return (name) => (env[`INPUT_${name.toUpperCase()}`] ?? '').trim();
}

/** The lines of an input that are not empty. */
export function linesOf(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Names, one per line or with commas between them. */
export function namesOf(text: string): readonly string[] {
  return linesOf(text.replaceAll(',', '\n'));
}

/** `action.yml`. JSON strings are YAML. */
export function actionYaml(): string {
  const text = (value: string): string => JSON.stringify(value);
  const inputs = INPUTS.map((input: ActionInput) =>
    [
      `  ${input.name}:`,
      `    description: ${text(input.describe)}`,
      ...(input.byDefault === undefined ? [] : [`    default: ${text(input.byDefault)}`]),
    ].join('\n'),
  );
  const outputs = OUTPUTS.map(({ name, describe }) => `  ${name}:\n    description: ${text(describe)}`);
  return `# Made by \`npm run generate\` from src/action/inputs.ts. Change that file, not this one.
name: snapback
description: Guards a database migration. Snapshot, change, verify; if anything fails, the data goes back, proven.
branding:
  icon: rotate-ccw
  color: blue
inputs:
${inputs.join('\n')}
outputs:
${outputs.join('\n')}
runs:
  using: node24
  main: action/main.mjs
  post: action/post.mjs
  post-if: always()
`;
}

function defaultOf({ byDefault }: ActionInput): string {
  return byDefault === undefined ? '' : `\`${byDefault}\``;
}

/** The README's tables of inputs and outputs. */
export function actionTables(): string {
  const cell = (value: string): string => value.replaceAll('|', '\\|');
  const rows = INPUTS.map(
    (input: ActionInput) => `| \`${input.name}\` | ${cell(input.describe)} | ${defaultOf(input)} |`,
  );
  const outputs = OUTPUTS.map(({ name, describe }) => `| \`${name}\` | ${cell(describe)} |`);
  return ['| input | is | default |', '|---|---|---|', ...rows, '', '| output | is |', '|---|---|', ...outputs].join(
    '\n',
  );
}
