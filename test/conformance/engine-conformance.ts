// What every engine promises, whatever the server. One file per engine runs it.

import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Engine, Scope, Session } from '../../src/engines/index.ts';
import { announcements, faultOf, freshRun, never, testEngine } from '../support/engines.ts';
import { createDatabase, freshDatabase, type TestServer } from '../support/servers.ts';

/** Sessions, locks, the registry of runs, markers, quiet, scripts. */
export function engineConformance(server: TestServer): void {
  sessionTests(server);
  interruptionTests(server);
  lockTests(server);
  registryTests(server);
  markerTests(server);
  quietTests(server);
  scriptTests(server);
}

function scopeOf(...databases: string[]): Scope {
  return { kind: 'databases', databases };
}

function openSession(engine: Engine, database?: string): Promise<Session> {
  return engine.openSession('a test', database, never);
}

function sessionTests(server: TestServer): void {
  test('a session gives values as the server prints them, with parameters as without', async () => {
    const session = await openSession(await testEngine(server.url));
    const sql = "SELECT 18446744073709551615, 1.50, 'ä €', NULL, CAST('2020-01-02 03:04:05' AS DATETIME)";
    const expected = [['18446744073709551615', '1.50', 'ä €', null, '2020-01-02 03:04:05']];

    expect([
      (await session.query(sql)).rows,
      (await session.query(`${sql} FROM (SELECT ? AS one) AS x`, { params: [1] })).rows,
    ]).toEqual([expected, expected]);
  });

  test('a parameter is a value, whatever it holds', async () => {
    const session = await openSession(await testEngine(server.url));

    // Twice in a row, and another one after it: a server may mind how prepared statements are given back.
    for (const text of [`it's a \\ "quote"`, "x'; DROP TABLE t; --"]) {
      expect((await session.query('SELECT ?, ?', { params: [text, null] })).rows).toEqual([[text, null]]);
    }
    expect((await session.query('SELECT ?', { params: ['other'] })).rows).toEqual([['other']]);
    expect((await session.query('SELECT 1')).rows).toEqual([['1']]);
  });

  test('a session reports the rows that a statement changed', async () => {
    const { url } = await createDatabase(server, 'rows');
    const engine = await testEngine(url);
    const session = await openSession(engine, engine.address.database);
    await session.query('CREATE TABLE t (id INT PRIMARY KEY)');

    expect((await session.query('INSERT INTO t VALUES (1), (2), (3)')).rowsAffected).toEqual(3);
  });

  test('a huge result of a user statement is read to its end and kept up to a bound', async () => {
    const { url } = await createDatabase(server, 'huge');
    const engine = await testEngine(url);
    const session = await openSession(engine, engine.address.database);
    await session.query('CREATE TABLE t (id INT PRIMARY KEY)');
    const ids = Array.from({ length: 1_500 }, (_, id) => `(${id})`);
    await session.query(`INSERT INTO t VALUES ${ids.join(', ')}`);

    expect((await session.query('SELECT id FROM t ORDER BY id')).rows).toEqual(
      Array.from({ length: 1_000 }, (_, id) => [String(id)]),
    );
  });

  test('every session that may change something is announced before it is handed out', async () => {
    const { seen, onSessionOpened } = announcements();
    const engine = await testEngine(server.url, { onSessionOpened });

    const session = await engine.openSession('statements of migrate', undefined, never);

    expect(seen).toEqual([{ identity: session.identity, purpose: 'statements of migrate' }]);
    expect(engine.openConnectionIds()).toEqual([session.identity.connectionId]);
  });

  test('a session that was closed is closed once, and says so', async () => {
    const engine = await testEngine(server.url);
    const session = await openSession(engine);

    await session.close();
    await session.close();

    expect([session.isOpen, engine.openConnectionIds()]).toEqual([false, []]);
    expect((await faultOf(session.query('SELECT 1'))).code).toEqual('CONNECTION_LOST');
  });

  test('a later session has a higher number, and all know the same server', async () => {
    const engine = await testEngine(server.url);
    const floor = await engine.newestConnectionId(never);
    const { identity } = await openSession(engine);

    expect(BigInt(identity.connectionId) > BigInt(floor)).toEqual(true);
    expect(await (await testEngine(server.url)).identity(never)).toEqual(await engine.identity(never));
  });

  test('a missing database is told when a session is opened', async () => {
    const engine = await testEngine(server.url);

    expect((await faultOf(openSession(engine, freshDatabase('nowhere')))).code).toEqual('UNKNOWN_DATABASE');
  });

  test('a statement that the server refuses is told in its words', async () => {
    const session = await openSession(await testEngine(server.url));

    const { code, message } = await faultOf(session.query('SELEC 1'));

    expect([code, message.slice(0, 11)]).toEqual(['STATEMENT_FAILED', 'ERROR 1064 ']);
    expect((await session.query('SELECT 1')).rows).toEqual([['1']]);
  });
}

function interruptionTests(server: TestServer): void {
  test('an interrupted statement has ended in the server before the caller hears of it', async () => {
    const { name, url } = await createDatabase(server, 'stop');
    const engine = await testEngine(url);
    const [session, writer, observer] = [
      await openSession(engine, name),
      await openSession(engine, name),
      await openSession(engine, name),
    ];
    await session.query('CREATE TABLE t (id INT PRIMARY KEY, note VARCHAR(10))');
    await session.query("INSERT INTO t VALUES (1, 'first')");
    await writer.query('START TRANSACTION');
    await writer.query("UPDATE t SET note = 'writer' WHERE id = 1");
    const abort = new AbortController();

    const fault = faultOf(session.query("UPDATE t SET note = 'waiter' WHERE id = 1", { signal: abort.signal }));
    await eventually(async () => (await runningStatements(observer)).some((text) => text.includes("'waiter'")));
    abort.abort(new Error('the step took too long'));

    expect((await fault).code).toEqual('INTERRUPTED');
    expect((await runningStatements(observer)).filter((text) => text.includes("'waiter'"))).toEqual([]);
    await writer.query('COMMIT');
    expect((await session.query('SELECT note FROM t')).rows).toEqual([['writer']]);
  });

  test('a statement is not sent when its signal has been given already', async () => {
    const session = await openSession(await testEngine(server.url));

    expect((await faultOf(session.query('SELECT 1', { signal: AbortSignal.abort() }))).code).toEqual('INTERRUPTED');
    expect((await session.query('SELECT 2')).rows).toEqual([['2']]);
  });

  test('a connection that was cut leaves the outcome open and says so', async () => {
    const engine = await testEngine(server.url);
    const [session, killer] = [await openSession(engine), await openSession(engine)];

    const fault = faultOf(session.query('SELECT SLEEP(30)'));
    await killer.query(`KILL ${session.identity.connectionId}`);

    expect((await fault).code).toEqual('CONNECTION_LOST');
    expect(session.isOpen).toEqual(false);
  });
}

function lockTests(server: TestServer): void {
  test('a scope is locked for one run at a time, and the other is told at once who holds it', async () => {
    const { name } = await createDatabase(server, 'locked');
    const [first, second] = [await testEngine(server.url), await testEngine(server.url)];
    const lock = await first.lockScope(scopeOf(name), 'first@host pid 1', never);

    const { code, message } = await faultOf(second.lockScope(scopeOf(name), 'second@host pid 2', never));
    expect([code, message.startsWith(`${name} is locked by connection `)]).toEqual(['SCOPE_BUSY', true]);

    await lock.release();
    const next = await second.lockScope(scopeOf(name), 'second@host pid 2', never);
    await next.assertHeld();
  });

  test('locks on different databases do not meet', async () => {
    const [first, second] = [await testEngine(server.url), await testEngine(server.url)];
    const [a, b] = [freshDatabase('a'), freshDatabase('b')];

    const locks = [
      await first.lockScope(scopeOf(a), 'first', never),
      await second.lockScope(scopeOf(b), 'second', never),
    ];

    for (const lock of locks) await lock.assertHeld();
  });

  test('a lock whose connection was killed is not held any more, and the holder hears of it', async () => {
    const { seen, onSessionOpened } = announcements();
    const [holder, other] = [await testEngine(server.url, { onSessionOpened }), await testEngine(server.url)];
    const scope = scopeOf(freshDatabase('lost'));
    const lock = await holder.lockScope(scope, 'holder', never);
    await lock.assertHeld();

    const sessions = seen.map(({ identity }) => identity);
    expect(await other.quiet({ sessions, spare: [], timeoutMs: 10_000 }, never)).toEqual({ ended: 1 });

    expect((await faultOf(lock.assertHeld())).code).toEqual('SCOPE_BUSY');
    await (await other.lockScope(scope, 'other', never)).assertHeld();
  });
}

function registryTests(server: TestServer): void {
  test('a run is recorded once, with its snapshots and its state', async () => {
    const engine = await testEngine(server.url);
    const run = freshRun();
    const scope = scopeOf(freshDatabase('recorded'));
    const row = { run, planName: 'nightly', scope, holder: 'me@host pid 1' };

    await engine.runs.open(row, never);
    await engine.runs.addSnapshot(run, 'before' as never, never);
    await engine.runs.addSnapshot(run, 'before' as never, never);
    await engine.runs.open(row, never);
    await engine.runs.setState(run, 'committed', never);

    const listed = (await engine.runs.list(never)).find((one) => one.run === run);
    expect(listed).toEqual({ ...row, state: 'committed', snapshots: ['before'], openedAt: listed?.openedAt });
    const age = Date.parse(await engine.serverTime(never)) - Date.parse(listed?.openedAt ?? '');
    expect(age >= 0 && age < 60_000).toEqual(true);
  });

  test('an open run keeps others out of its scope, named, until it is closed', async () => {
    const engine = await testEngine(server.url);
    const [first, second] = [freshRun(), freshRun()];
    const database = freshDatabase('busy');
    const whole = { run: first, planName: 'nightly', scope: scopeOf(database), holder: 'me@host pid 1' };
    const table: Scope = { kind: 'tables', tables: [{ database, table: 'orders' }] };
    const part = { run: second, planName: 'hotfix', scope: table, holder: 'you@host pid 2' };
    await engine.runs.open(whole, never);

    const { code, message } = await faultOf(engine.runs.open(part, never));
    expect([code, message.replace(/\d+(\.\d)? m?s$/, 'N s')]).toEqual([
      'SCOPE_BUSY',
      `${database}.orders is covered by run ${first} of plan nightly (me@host pid 1), open for N s`,
    ]);

    await engine.runs.setState(first, 'closed', never);
    await engine.runs.open(part, never);
    await engine.runs.setState(second, 'closed', never);
  });

  test('of two processes that open overlapping runs at the same time, one is refused', async () => {
    const engines = [await testEngine(server.url), await testEngine(server.url)];
    for (let round = 0; round < 5; round += 1) {
      const scope = scopeOf(freshDatabase('race'));
      const runs = engines.map(() => freshRun());
      const outcomes = await Promise.allSettled(
        engines.map((engine, index) =>
          engine.runs.open({ run: runs[index]!, planName: 'race', scope, holder: `process ${index}` }, never),
        ),
      );

      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
      await engines[0]!.runs.setState(runs[winner]!, 'closed', never);
    }
  });
}

function markerTests(server: TestServer): void {
  test('a marker tells a transaction that was committed from one that was not', async () => {
    const engine = await testEngine(server.url);
    const run = freshRun();
    await engine.markers.prepare(never);
    const claims: string[] = [];
    for (const end of ['ROLLBACK', 'COMMIT', 'ROLLBACK']) {
      const session = await openSession(engine);
      await session.query('START TRANSACTION');
      claims.push(await engine.markers.claim(session, run, 'steps/migrate', never));
      await session.query(end);
      await session.close();
    }
    expect(claims).toEqual(['claimed', 'claimed', 'already-there']);

    await engine.markers.clear(run, never);
    const session = await openSession(engine);
    await session.query('START TRANSACTION');
    expect(await engine.markers.claim(session, run, 'steps/migrate', never)).toEqual('claimed');
    await session.query('ROLLBACK');
  });

  test('a marker waits for an older transaction that has not ended', async () => {
    const engine = await testEngine(server.url);
    const run = freshRun();
    await engine.markers.prepare(never);
    const [old, later] = [await openSession(engine), await openSession(engine)];
    await old.query('START TRANSACTION');
    await engine.markers.claim(old, run, 'steps/migrate', never);
    await later.query('START TRANSACTION');

    let isSettled = false;
    const claim = engine.markers.claim(later, run, 'steps/migrate', never).finally(() => (isSettled = true));
    await pause(300);
    expect(isSettled).toEqual(false);
    await old.query('COMMIT');

    expect(await claim).toEqual('already-there');
    await later.query('ROLLBACK');
    await engine.markers.clear(run, never);
  });
}

function quietTests(server: TestServer): void {
  test('quiet ends the sessions it is given, in the middle of a statement, and spares the rest', async () => {
    const [dead, alive] = [await testEngine(server.url), await testEngine(server.url)];
    const [busy, idle, spared] = [await openSession(dead), await openSession(dead), await openSession(dead)];
    const lost = faultOf(busy.query('SELECT SLEEP(60)'));
    const sessions = [busy, idle, spared].map(({ identity }) => identity);

    const ended = await alive.quiet({ sessions, spare: [spared.identity.connectionId], timeoutMs: 20_000 }, never);

    expect(ended).toEqual({ ended: 2 });
    expect((await lost).code).toEqual('CONNECTION_LOST');
    expect((await spared.query('SELECT 1')).rows).toEqual([['1']]);
  });

  test('a number that a session had before the server was restarted means nothing now', async () => {
    const [dead, alive] = [await testEngine(server.url), await testEngine(server.url)];
    const session = await openSession(dead);
    const older = { ...session.identity, serverStartedAt: '2001-02-03T04:05:06Z' };

    expect(await alive.quiet({ sessions: [older], spare: [], timeoutMs: 5_000 }, never)).toEqual({ ended: 0 });
    expect((await session.query('SELECT 1')).rows).toEqual([['1']]);
  });
}

function scriptTests(server: TestServer): void {
  test('a script is run statement by statement, as it stands', async () => {
    const { name, url } = await createDatabase(server, 'script');
    const engine = await testEngine(url);
    const session = await openSession(engine, name);
    const script = [
      '-- a script; with comments',
      'CREATE TABLE t (id INT PRIMARY KEY, note VARCHAR(40)); # and another; one',
      "INSERT INTO t VALUES (1, 'a;b'), (2, 'it''s'), /* ; */ (5--3, '-- no');",
      ';',
    ].join('\n');

    const statements = engine.splitStatements(script);
    for (const { text } of statements) await session.query(text);

    expect(statements.map(({ line }) => line)).toEqual([2, 3]);
    expect((await session.query('SELECT note FROM t ORDER BY id')).rows).toEqual([['a;b'], ["it's"], ['-- no']]);
  });
}

async function runningStatements(session: Session): Promise<readonly string[]> {
  const { columns, rows } = await session.query('SHOW FULL PROCESSLIST');
  const info = columns.findIndex((column) => column.toLowerCase() === 'info');
  return rows.map((row) => row[info] ?? '');
}

async function eventually(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await pause(25);
}
