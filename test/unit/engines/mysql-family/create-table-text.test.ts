import { describe, expect, test } from 'vitest';
import {
  asAriaHeap,
  asInnodb,
  autoIncrementColumnOf,
  comparableTable,
  foreignKeyColumns,
  foreignKeyName,
  foreignKeysOf,
  foreignKeyTarget,
  nextAutoIncrement,
  parseTableText,
  printTableText,
  qualifyForeignKey,
  shadowText,
} from '../../../../src/engines/mysql-family/copying-snapshots/create-table-text.ts';

const ORDERS = `CREATE TABLE \`orders\` (
  \`id\` int(11) NOT NULL AUTO_INCREMENT COMMENT 'a, (b) it''s \\' AUTO_INCREMENT',
  \`no\` int(11) DEFAULT NULL,
  \`kind\` enum('x,y','z)') DEFAULT 'z)',
  PRIMARY KEY (\`id\`),
  UNIQUE KEY \`by_no\` (\`no\`),
  KEY \`by_kind\` (\`kind\`),
  CONSTRAINT \`of_\`\`x\` FOREIGN KEY (\`no\`, \`kind\`) REFERENCES \`other\` (\`a\`, \`b\`) ON DELETE CASCADE,
  CONSTRAINT \`positive\` CHECK (\`no\` > 0)
) ENGINE=MyISAM AUTO_INCREMENT=41 DEFAULT CHARSET=utf8mb4 COMMENT='has AUTO_INCREMENT=7'`;

const text = parseTableText(ORDERS);
const foreignKey = foreignKeysOf(text)[0] ?? '';

describe('the text of a table', () => {
  test('is cut at its top-level commas only, and printed with a database in front', () => {
    expect(text.items.length).toEqual(8);
    expect(printTableText('sb_x', 'orders', text)).toEqual(
      ORDERS.replace('CREATE TABLE `orders`', 'CREATE TABLE `sb_x`.`orders`'),
    );
  });

  test('loses foreign keys and secondary keys in a shadow, and keeps checks', () => {
    expect(shadowText(text, 'id').items.map((item) => item.split(' ').slice(0, 2).join(' '))).toEqual([
      '`id` int(11)',
      '`no` int(11)',
      "`kind` enum('x,y','z)')",
      'PRIMARY KEY',
      'CONSTRAINT `positive`',
    ]);
  });

  test('keeps the key that an AUTO_INCREMENT column needs', () => {
    const second = parseTableText(
      'CREATE TABLE `t` (\n  `g` int NOT NULL,\n  `n` int NOT NULL AUTO_INCREMENT,\n' +
        '  PRIMARY KEY (`g`),\n  KEY `a` (`g`),\n  KEY `by_n` (`n`)\n) ENGINE=InnoDB',
    );
    expect(autoIncrementColumnOf(second)).toEqual('n');
    expect(shadowText(second, 'n').items.slice(2)).toEqual(['PRIMARY KEY (`g`)', 'KEY `by_n` (`n`)']);
  });

  test('keeps unique keys where there is no primary key', () => {
    const keyless = parseTableText(
      'CREATE TABLE `t` (\n  `a` int,\n  UNIQUE KEY `u` (`a`),\n  KEY `k` (`a`)\n) ENGINE=InnoDB',
    );
    expect(shadowText(keyless, undefined).items).toEqual(['`a` int', 'UNIQUE KEY `u` (`a`)']);
  });

  test('finds the AUTO_INCREMENT column by its attribute, not by its comment', () => {
    expect(autoIncrementColumnOf(text)).toEqual('id');
    const commented = parseTableText("CREATE TABLE `t` (\n  `a` int COMMENT 'no AUTO_INCREMENT here'\n) ENGINE=InnoDB");
    expect(autoIncrementColumnOf(commented)).toEqual(undefined);
  });

  test('tells the next AUTO_INCREMENT: what is printed, else 1, and none without a column for it', () => {
    const [before = '', after = ''] = ORDERS.split(' AUTO_INCREMENT=41');
    const noColumn = parseTableText('CREATE TABLE `t` (\n  `a` int\n) ENGINE=InnoDB AUTO_INCREMENT=41');
    expect([text, parseTableText(before + after), noColumn].map(nextAutoIncrement)).toEqual(['41', '1', null]);
  });

  test('is moved to InnoDB unless it is there', () => {
    expect(asInnodb(text)?.options.startsWith(' ENGINE=InnoDB AUTO_INCREMENT=41')).toEqual(true);
    expect(asInnodb({ items: [], options: ' ENGINE=InnoDB' })).toEqual(undefined);
  });

  test('becomes a heap of Aria: columns without keys and counter, in the character set of the table', () => {
    expect(asAriaHeap(parseTableText(ORDERS.replace('ENGINE=MyISAM', 'ENGINE=InnoDB')))).toEqual({
      items: [
        "`id` int(11) NOT NULL COMMENT 'a, (b) it''s \\' AUTO_INCREMENT'",
        '`no` int(11) DEFAULT NULL',
        "`kind` enum('x,y','z)') DEFAULT 'z)'",
        'CONSTRAINT `positive` CHECK (`no` > 0)',
      ],
      options: ' ENGINE=Aria TRANSACTIONAL=1 ROW_FORMAT=PAGE DEFAULT CHARSET=utf8mb4',
    });
  });

  test.each([' ENCRYPTED=YES', '\n PARTITION BY HASH (`id`)', " DATA DIRECTORY='/d'", ' WITH SYSTEM VERSIONING'])(
    'stays where it is when it says%j',
    (option) => {
      expect(asAriaHeap({ items: ['`id` int'], options: ` ENGINE=InnoDB DEFAULT CHARSET=utf8mb4${option}` })).toEqual(
        undefined,
      );
    },
  );

  test('is compared with an AUTO_INCREMENT that no column of it uses: MyISAM keeps that as text', () => {
    const of = (option: string): string =>
      comparableTable(`CREATE TABLE \`t\` (\n  \`a\` int\n) ENGINE=MyISAM${option}`);
    expect(of(' AUTO_INCREMENT=7')).not.toEqual(of(''));
  });

  test('is compared without foreign keys and without the next AUTO_INCREMENT value', () => {
    const other = ORDERS.replace('AUTO_INCREMENT=41 ', 'AUTO_INCREMENT=99 ').replace(/ {2}CONSTRAINT `of_.*\n/, '');
    expect(comparableTable(other)).toEqual(comparableTable(ORDERS));
    expect(comparableTable(ORDERS.replace('AUTO_INCREMENT=7', 'AUTO_INCREMENT=8'))).not.toEqual(
      comparableTable(ORDERS),
    );
  });
});

describe('the text of a foreign key', () => {
  test('tells its name, its columns and where it points', () => {
    expect(foreignKeyName(foreignKey)).toEqual('of_`x');
    expect(foreignKeyColumns(foreignKey)).toEqual({ columns: ['no', 'kind'], referenced: ['a', 'b'] });
    expect(foreignKeyTarget(foreignKey, 'shop')).toEqual({ database: 'shop', table: 'other' });
  });

  test('gets the database of its table where it names none, and keeps the one it names', () => {
    const qualified =
      'CONSTRAINT `of_``x` FOREIGN KEY (`no`, `kind`) REFERENCES `shop`.`other` (`a`, `b`) ON DELETE CASCADE';
    expect(qualifyForeignKey(foreignKey, 'shop')).toEqual(qualified);
    expect(qualifyForeignKey(qualified, 'elsewhere')).toEqual(qualified);
  });
});
