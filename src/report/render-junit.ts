import { escapeXml, type CheckResult } from '../kernel/index.ts';
import { detailOfDifference, differenceInWords, findingOf, rowsInWords, summaryOf } from './describe-evidence.ts';
import type { ActionReport, RunReport } from './run-report.ts';
import { clip } from './words.ts';

interface TestCase {
  readonly group: string;
  readonly name: string;
  readonly seconds: number;
  readonly result: { readonly kind: 'passed' | 'failure' | 'error' | 'skipped'; readonly type: string };
  readonly message: string;
  readonly text: string;
}

/** No text in the file is longer, in UTF-16 units: test viewers choke on novels. */
const TEXT_MAX = 8_000;
const NAME_MAX = 300;
const MESSAGE_MAX = 1_000;
/** Of all texts together; a run of many cases gets shorter ones. */
const TEXTS_MAX = 8_000_000;

/** Steps and checks as test cases, and the verdict as the last one. */
export function renderJunit(report: RunReport): string {
  const cases = [...report.actions.flatMap((action) => casesOf(report.plan.name, action)), verdictCase(report)];
  const count = (kind: TestCase['result']['kind']): number => cases.filter(({ result }) => result.kind === kind).length;
  const totals = `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}"`;
  const textMax = Math.min(TEXT_MAX, Math.max(200, Math.floor(TEXTS_MAX / cases.length)));
  const name = `name="${attribute(report.plan.name)}"`;
  const time = `time="${seconds(report.duration_ms)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${name} ${totals} ${time}>`,
    `  <testsuite ${name} ${totals} skipped="${count('skipped')}" ${time} timestamp="${attribute(report.started_at)}">`,
    '    <properties>',
    ...properties(report),
    '    </properties>',
    ...cases.flatMap((one) => caseLines(one, textMax)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function properties(report: RunReport): readonly string[] {
  const facts = {
    run: report.run,
    verdict: report.verdict,
    exit_code: report.exit_code === null ? '' : String(report.exit_code),
    plan_path: report.plan.path,
    plan_digest: report.plan.digest,
    server: report.servers.map(({ label, host, port }) => `${label} at ${host}:${port}`).join('; '),
    journal_hash: report.journal.last_hash,
  };
  return Object.entries(facts).map(([key, value]) => `      <property name="${key}" value="${attribute(value)}"/>`);
}

function casesOf(plan: string, action: ActionReport): readonly TestCase[] {
  const { evidence, phase, title } = action;
  const group = `${plan}.${phase}`;
  if (evidence?.kind === 'verify' && evidence.checks.length > 0) {
    const seconds = (action.duration_ms ?? 0) / 1_000 / evidence.checks.length;
    return evidence.checks.map((check) => checkCase(`${group}.${title}`, seconds, check));
  }
  return [
    {
      group,
      name: title,
      seconds: (action.duration_ms ?? 0) / 1_000,
      result: resultOf(action),
      message: summaryOf(action),
      text: action.fault === null ? '' : `${action.fault.message}\n${action.fault.hint}`,
    },
  ];
}

function resultOf({ state, fault }: ActionReport): TestCase['result'] {
  switch (state) {
    case 'succeeded':
      return { kind: 'passed', type: '' };
    case 'failed':
      return { kind: 'failure', type: fault?.code ?? 'FAILED' };
    case 'running':
    case 'in-doubt':
      return { kind: 'error', type: 'STEP_IN_DOUBT' };
    case 'skipped':
    case 'not-reached':
      return { kind: 'skipped', type: '' };
  }
}

function checkCase(group: string, seconds: number, check: CheckResult): TestCase {
  const rows = check.rows === undefined ? [] : rowsInWords(check.rows, 20);
  const differences = (check.differences ?? []).flatMap((difference) => [
    `${difference.name}: ${differenceInWords(difference)}`,
    ...detailOfDifference(difference, 20),
  ]);
  const isFailure = !check.passed && check.severity === 'error';
  return {
    group,
    name: `${check.check}: ${check.subject}`,
    seconds,
    result: isFailure ? { kind: 'failure', type: 'CHECK_FAILED' } : { kind: 'passed', type: '' },
    message: isFailure ? findingOf(check) : '',
    text: check.passed
      ? ''
      : [`${isFailure ? '' : 'warning: '}${findingOf(check)}`, ...rows, ...differences].join('\n'),
  };
}

function verdictCase(report: RunReport): TestCase {
  const isGood = report.exit_code === 0;
  const isOpen = report.verdict === 'open' || report.verdict === 'stuck';
  const kind = isGood ? 'passed' : isOpen ? 'error' : 'failure';
  return {
    group: report.plan.name,
    name: 'verdict',
    seconds: 0,
    result: { kind, type: report.verdict },
    message: isGood ? '' : report.sentence,
    text: [report.sentence, report.promise].join('\n'),
  };
}

function caseLines(
  { group, name, seconds: took, result, message, text }: TestCase,
  textMax: number,
): readonly string[] {
  const head = `    <testcase classname="${attribute(group)}" name="${attribute(name)}" time="${took.toFixed(3)}"`;
  const body = escapeXml(clip(text, textMax));
  if (result.kind === 'passed') {
    if (text === '') return [`${head}/>`];
    return [`${head}>`, `      <system-out>${body}</system-out>`, '    </testcase>'];
  }
  if (result.kind === 'skipped')
    return [`${head}>`, `      <skipped message="${attribute(message, MESSAGE_MAX)}"/>`, '    </testcase>'];
  const fault = `<${result.kind} type="${attribute(result.type)}" message="${attribute(message, MESSAGE_MAX)}">`;
  return [`${head}>`, `      ${fault}${body}</${result.kind}>`, '    </testcase>'];
}

function attribute(text: string, max: number = NAME_MAX): string {
  return escapeXml(clip(text, max).replace(/[\r\n]+/g, ' '));
}

function seconds(ms: number | null): string {
  return ((ms ?? 0) / 1_000).toFixed(3);
}
