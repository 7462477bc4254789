import {
  canonicalJson,
  sha256,
  type Evidence,
  type FaultRecord,
  type Json,
  type RunId,
  type StepOutcome,
  type Verdict,
} from '../../src/kernel/index.ts';
import type { JournalEntry, JournalRecord, ServerFacts } from '../../src/journal/index.ts';

const STARTED_MS = Date.parse('2026-01-31T07:41:20.000Z');

/** Builds journals of made-up runs: dense sequence, a clock that moves as told, chained hashes. */
export class JournalBuilder {
  readonly entries: JournalEntry[] = [];
  readonly run: string;
  #nowMs = STARTED_MS;

  constructor(run = '7f3k') {
    this.run = run;
  }

  /** Appends a record `afterMs` later than the one before it. */
  add(record: JournalRecord, afterMs = 0): this {
    this.#nowMs += afterMs;
    const before = this.entries.at(-1)?.hash ?? '';
    this.entries.push({
      sequence: this.entries.length + 1,
      time: new Date(this.#nowMs).toISOString(),
      record,
      hash: sha256(before + canonicalJson(record as unknown as Json)),
    });
    return this;
  }

  /** `run-opened`, its first process and, unless `server` is null, the server. */
  opened(
    planName = 'add-order-currency',
    { server = MARIADB, vars = {} }: { server?: ServerFacts | null; vars?: Record<string, string> } = {},
  ): this {
    this.add({
      kind: 'run-opened',
      run: this.run as RunId,
      plan_name: planName,
      plan_path: `/srv/plans/${planName}.yaml`,
      plan_digest: sha256(planName),
      vars,
      tool_version: '0.1.0',
    });
    this.attached('run', 4711);
    return server === null ? this : this.add({ kind: 'server-met', target: 'main', server }, 12);
  }

  attached(because: 'run' | 'resume' | 'rollback' | 'close', pid: number): this {
    return this.add({ kind: 'process-attached', pid, host: 'ci-3', because });
  }

  intended(action: string, attempt = 1): this {
    return this.add({ kind: 'action-intended', action, attempt }, 1);
  }

  settled(action: string, durationMs: number, outcome: StepOutcome, attempt = 1): this {
    return this.add({ kind: 'action-settled', action, attempt, outcome, duration_ms: durationMs }, durationMs);
  }

  /** Intent and success. */
  did(action: string, durationMs: number, evidence: Evidence): this {
    return this.intended(action).settled(action, durationMs, { kind: 'succeeded', evidence });
  }

  /** Intent and failure. */
  failed(action: string, durationMs: number, failure: Omit<Extract<StepOutcome, { kind: 'failed' }>, 'kind'>): this {
    return this.intended(action).settled(action, durationMs, { kind: 'failed', ...failure });
  }

  /** A statement's intent and end; without `durationMs`, its intent alone. */
  statement(action: string, index: number, { head, rows = 0, durationMs, isAlone = true }: StatementSketch): this {
    const at = `sql/${action.split('/').at(-1) ?? 'x'}.sql:${index * 3 + 1}`;
    this.add({ kind: 'statement-intended', action, index, at, head, is_alone: isAlone }, 1);
    if (durationMs === undefined) return this;
    return this.add(
      { kind: 'statement-settled', action, index, rows_affected: rows, duration_ms: durationMs },
      durationMs,
    );
  }

  verdict(verdict: Verdict, sentence: string, failedAction?: string): this {
    return this.add({ kind: 'verdict-reached', verdict, failed_action: failedAction, sentence }, 1);
  }

  closed(verdict: Verdict | 'closed', because?: string): this {
    return this.add({ kind: 'run-closed', verdict, because }, 1);
  }
}

export interface StatementSketch {
  readonly head: string;
  readonly rows?: number;
  readonly durationMs?: number;
  readonly isAlone?: boolean;
}

export const MARIADB: ServerFacts = {
  label: 'MariaDB 10.11',
  host: 'db1',
  port: 3306,
  server_uuid: undefined,
  catalog_id: 'c4ta10gid',
  version: '10.11.11-MariaDB',
  database: 'shop',
};

export function fault(code: FaultRecord['code'], message: string, hint = 'Do something about it.'): FaultRecord {
  return { code, message, hint };
}
