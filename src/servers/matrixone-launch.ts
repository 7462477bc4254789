import { LOOPBACK } from './free-ports.ts';

/** How many ports a MatrixOne of one node listens on. */
export const MATRIXONE_PORT_COUNT = 12;

/** Every first start makes this login. */
export const MATRIXONE_LOGIN = { user: 'root', password: '111' } as const;

/** On a busy machine a heartbeat may be late by more than the default of 10 s: the service would then be made anew. */
const PATIENCE = '30s';

/**
 * The configuration of a MatrixOne of one node, by file name: one process with a log, a transaction and a compute
 * service. Every listener is bound to the loopback address; paths are relative to the working directory.
 */
export function matrixoneFiles(ports: readonly number[]): Readonly<Record<string, string>> {
  const at = (index: number): string => `"${LOOPBACK}:${ports[index] ?? 0}"`;
  const services = `data-dir = "./data"

[log]
level = "error"

[observability]
disable-metric = true
disable-trace = true

[hakeeper-client]
service-addresses = [${at(1)}]
`;
  const files = [fileService('LOCAL', 'DISK'), fileService('SHARED', 'DISK'), fileService('ETL', 'DISK-ETL')].join(
    '\n',
  );
  return {
    'launch.toml': ['log', 'tn', 'cn'].map((name) => `${name}services = ["./${name}.toml"]\n`).join(''),
    'log.toml': `service-type = "LOG"
${services}
[logservice]
logservice-address = ${at(1)}
raft-address = ${at(2)}
gossip-address = ${at(3)}
gossip-seed-addresses = [${at(3)}]

[logservice.HAKeeperConfig]
tn-store-timeout = "${PATIENCE}"
`,
    'tn.toml': `service-type = "TN"
${services}
${files}
[tn]
uuid = "5b2f7c1e-0d43-4f5a-9c86-3a1d6e8f0b21"
${listener(at(4))}
${section('tn.LogtailServer', at(5))}
${section('tn.lockservice', at(6))}
${section('tn.shardservice', at(7))}`,
    'cn.toml': `service-type = "CN"
${services}
${files}
[cn]
uuid = "5b2f7c1e-0d43-4f5a-9c86-3a1d6e8f0b22"
${listener(at(8))}
[cn.frontend]
host = "${LOOPBACK}"
port = ${ports[0] ?? 0}
unix-socket = "./server.sock"

${section('cn.lockservice', at(9))}
[cn.query-service.address]
listen-address = ${at(10)}

${section('cn.shardservice', at(11))}`,
  };
}

function section(name: string, address: string): string {
  return `[${name}]\n${listener(address)}`;
}

function listener(address: string): string {
  return `listen-address = ${address}\nservice-address = ${address}\n`;
}

function fileService(name: string, backend: string): string {
  return `[[fileservice]]
name = "${name}"
backend = "${backend}"
data-dir = "./data/${name.toLowerCase()}"
`;
}
