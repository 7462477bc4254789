import { expect, test } from 'vitest';
import { numberText } from '../../../../src/engines/wire/cells.ts';

test.each([
  [0, '0'],
  [-0, '-0'],
  [1, '1'],
  [-1.5, '-1.5'],
  [0.1, '0.1'],
  [1e14, '100000000000000'],
  [123456789012345, '123456789012345'],
  [1e15, '1e15'],
  [1.5e20, '1.5e20'],
  [1e-15, '0.000000000000001'],
  [1e-16, '1e-16'],
  [1.7976931348623157e308, '1.7976931348623157e308'],
  [5e-324, '5e-324'],
])('the number %d is printed as %s', (value, text) => {
  expect(numberText(value)).toEqual(text);
});
