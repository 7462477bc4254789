import { isUtf8 } from 'node:buffer';
import type { FieldPacket, TypeCast } from 'mysql2';
import type { Cell } from '../port.ts';

type Field = Parameters<Extract<TypeCast, (...args: never[]) => unknown>>[0];

/**
 * Cells of the text protocol: the bytes as the server printed them.
 *
 * BIT comes as a decimal number. Spatial values and vectors come as `0x..`, and so do bytes that are no UTF-8 text.
 */
export function textCell(field: Field): Cell {
  const bytes = field.buffer();
  return bytes === null ? null : cellOfBytes(field.type, bytes);
}

/** Cells of the binary protocol; `alignCell` then makes of them what the text protocol would have printed. */
export function binaryCell(field: Field, next: () => unknown): Cell {
  switch (field.type) {
    case 'TINY':
    case 'SHORT':
    case 'LONG':
    case 'INT24':
    case 'LONGLONG':
      return plain(next());
    case 'YEAR': {
      const year = plain(next());
      return year === null ? null : year.padStart(4, '0');
    }
    case 'FLOAT': {
      const value = next();
      return typeof value === 'number' ? numberText(Number(value.toPrecision(6))) : plain(value);
    }
    case 'DOUBLE': {
      const value = next();
      return typeof value === 'number' ? numberText(value) : plain(value);
    }
    case 'DATE':
    case 'NEWDATE':
    case 'DATETIME':
    case 'DATETIME2':
    case 'TIMESTAMP':
    case 'TIMESTAMP2':
    case 'TIME':
    case 'TIME2':
      return field.string('utf8');
    case 'NULL':
      return null;
    default:
      return textCell(field);
  }
}

const TEMPORAL_TYPES: ReadonlySet<number> = new Set([7, 11, 12]); // TIMESTAMP, TIME, DATETIME
const FRACTION_DIGITS_MAX = 6;
const ZEROFILL_FLAG = 0x40;

/** Fractions of seconds with all their digits, and the zeros of ZEROFILL: the binary protocol leaves both out. */
export function alignCell(cell: Cell, { columnType, decimals, flags, columnLength }: FieldPacket): Cell {
  if (cell === null) return null;
  if (TEMPORAL_TYPES.has(columnType ?? 0) && decimals > 0 && decimals <= FRACTION_DIGITS_MAX) {
    const [whole = '', fraction = ''] = cell.split('.');
    return `${whole}.${fraction.padEnd(decimals, '0')}`;
  }
  const isZerofill = typeof flags === 'number' && (flags & ZEROFILL_FLAG) !== 0;
  return isZerofill ? cell.padStart(columnLength ?? 0, '0') : cell;
}

function plain(value: unknown): Cell {
  return typeof value === 'string' ? value : typeof value === 'number' ? value.toString() : null;
}

function cellOfBytes(type: Field['type'], bytes: Buffer): string {
  if (type === 'BIT') return bytes.length === 0 ? '0' : BigInt(`0x${bytes.toString('hex')}`).toString();
  if (type === 'GEOMETRY' || type === 'VECTOR' || !isUtf8(bytes)) return `0x${bytes.toString('hex')}`;
  return bytes.toString('utf8');
}

/** The servers print a DOUBLE with its shortest exact digits, and with an exponent outside 1e-14 .. 1e15. */
export function numberText(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits = '', exponentText = '0'] = Math.abs(value).toExponential().split('e');
  const exponent = Number(exponentText);
  const sign = value < 0 ? '-' : '';
  if (exponent >= 15 || exponent < -15) return `${sign}${digits}e${exponent}`;
  const all = digits.replace('.', '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${all}`;
  const whole = all.padEnd(exponent + 1, '0');
  const fraction = whole.slice(exponent + 1);
  return `${sign}${whole.slice(0, exponent + 1)}${fraction === '' ? '' : `.${fraction}`}`;
}
