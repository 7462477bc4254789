// Column types with values that tend to break on their way through a copy, as SQL.

import type { Flavour } from '../../src/engines/index.ts';

export interface ColumnType {
  readonly sql: string;
  readonly values: readonly string[];
  /** `text` may have a character set; what is `long` cannot be a key as a whole, nor have a default value. */
  readonly kind: 'number' | 'text' | 'other';
  readonly isLong?: boolean;
  readonly on?: Flavour;
}

const WHOLE = ['0', '1', '-1', '2', '127', '300'];
const WORDS = [
  "''",
  "'a'",
  "'A'",
  "'ä'",
  "'a '",
  "' '",
  "'a''b'",
  "'x\\\\ny'",
  "'),('",
  "'N'",
  "'1'",
  "REPEAT('Ω', 5)",
];
const BYTES = ["''", "x'00'", "x'0000'", "x'ff'", "x'27'", "x'5c'", "x'c3a4'", "'N'"];
const DATES = ["'2024-02-29'", "'0000-00-00'", "'2024-00-00'", "'1000-01-01'", "'9999-12-31'"];
const TIMES = [
  "'2024-03-31 01:30:00'",
  "'1970-01-02 00:00:01.5'",
  "'2038-01-19 03:14:07.999999'",
  "'0000-00-00 00:00:00'",
];

export const COLUMN_TYPES: readonly ColumnType[] = [
  { sql: 'TINYINT', values: [...WHOLE, '-128'], kind: 'number' },
  { sql: 'SMALLINT UNSIGNED', values: [...WHOLE, '65535'], kind: 'number' },
  { sql: 'MEDIUMINT(5) UNSIGNED ZEROFILL', values: WHOLE, kind: 'number' },
  { sql: 'INT', values: [...WHOLE, '-2147483648'], kind: 'number' },
  { sql: 'BIGINT', values: [...WHOLE, '-9223372036854775808'], kind: 'number' },
  { sql: 'BIGINT UNSIGNED', values: [...WHOLE, '18446744073709551615'], kind: 'number' },
  { sql: 'DECIMAL(10,2)', values: [...WHOLE, '0.01', '-99999999.99'], kind: 'number' },
  { sql: 'DECIMAL(65,30)', values: ['1.000000000000000000000000000001', '-0.1', '0'], kind: 'number' },
  { sql: 'FLOAT', values: ['0.1', '0.10000001', '-0.0', '3.4e38', '1e-45', '16777217'], kind: 'number' },
  {
    sql: 'DOUBLE',
    values: ['0.1', '0.10000000000000002', '-0.0', '1e308', '5e-324', '90.28571428571429'],
    kind: 'number',
  },
  { sql: 'BIT(1)', values: ["b'0'", "b'1'"], kind: 'number' },
  { sql: 'BIT(64)', values: ["b'0'", "x'8000000000000001'", "x'8000000000000000'"], kind: 'number' },
  { sql: 'YEAR', values: ['0', '1901', '2155', '2024'], kind: 'number' },
  { sql: 'DATE', values: DATES, kind: 'other' },
  { sql: 'TIME', values: ["'00:00:00'", "'-838:59:59'", "'838:59:59'"], kind: 'other' },
  { sql: 'TIME(6)', values: ["'00:00:00.000001'", "'-12:13:14.567'", "'00:00:00'"], kind: 'other' },
  { sql: 'DATETIME', values: [...DATES, ...TIMES], kind: 'other' },
  { sql: 'DATETIME(6)', values: [...DATES, ...TIMES, "'2024-01-01 00:00:00.000001'"], kind: 'other' },
  { sql: 'TIMESTAMP NULL', values: TIMES, kind: 'other' },
  { sql: 'TIMESTAMP(6) NULL', values: [...TIMES, "'2024-01-01 00:00:00.000001'"], kind: 'other' },
  { sql: 'CHAR(5)', values: WORDS, kind: 'text' },
  { sql: 'VARCHAR(20)', values: WORDS, kind: 'text' },
  { sql: 'VARCHAR(700)', values: [...WORDS, "REPEAT('x', 600)"], kind: 'text' },
  { sql: 'TINYTEXT', values: WORDS, kind: 'text', isLong: true },
  { sql: 'LONGTEXT', values: [...WORDS, "REPEAT('xy', 40000)"], kind: 'text', isLong: true },
  { sql: 'BINARY(4)', values: BYTES, kind: 'other' },
  { sql: 'VARBINARY(9)', values: BYTES, kind: 'other' },
  { sql: 'BLOB', values: [...BYTES, "REPEAT(x'00', 20000)"], kind: 'other', isLong: true },
  { sql: "ENUM('a','b','','ä',')')", values: ["'a'", "''", '0', "'ä'", "')'"], kind: 'other' },
  { sql: "SET('x','y','z,'',')", values: ["''", "'x'", "'x,y'", '0'], kind: 'other' },
  {
    sql: 'JSON',
    values: [`'{"b":1,"a":[1,2.50,null,"x"]}'`, "'null'", `'""'`, "'1'", "'1.0'", `'"1"'`, "'[]'"],
    kind: 'other',
    isLong: true,
  },
  {
    sql: 'GEOMETRY',
    values: [
      "ST_GeomFromText('POINT(1 2)')",
      "ST_GeomFromText('POINT(1 2)', 4326)",
      "ST_GeomFromText('LINESTRING(0 0,1 1)')",
    ],
    kind: 'other',
    isLong: true,
  },
  {
    sql: 'UUID',
    values: ["'123e4567-e89b-12d3-a456-426655440000'", "'00000000-0000-0000-0000-000000000000'"],
    kind: 'other',
    on: 'mariadb',
  },
  { sql: 'INET6', values: ["'::'", "'::1'", "'ffff::ffff'"], kind: 'other', on: 'mariadb' },
  { sql: 'BLOB COMPRESSED', values: BYTES, kind: 'other', isLong: true, on: 'mariadb' },
  {
    sql: 'VECTOR(3)',
    values: ["TO_VECTOR('[1,2,3]')", "TO_VECTOR('[0,0,-1.5]')"],
    kind: 'other',
    isLong: true,
    on: 'mysql',
  },
];

export const CHARSETS: readonly string[] = [
  ...['', '', '', 'CHARACTER SET latin1', 'CHARACTER SET ucs2', 'CHARACTER SET utf32', 'CHARACTER SET utf16'],
  ...['CHARACTER SET cp1251', 'CHARACTER SET gbk', 'CHARACTER SET utf8mb3', 'CHARACTER SET ascii'],
  ...['COLLATE utf8mb4_bin', 'COLLATE utf8mb4_general_ci', 'COLLATE utf8mb4_spanish_ci', 'COLLATE latin1_german2_ci'],
];
