const NUMBERS = new Intl.NumberFormat('en-US');

/** `1,204,331` */
export function countText(count: number): string {
  return NUMBERS.format(count);
}

/** `1 row`, `300,000 rows` */
export function rowsText(count: number): string {
  return `${countText(count)} ${count === 1 ? 'row' : 'rows'}`;
}

/** `at least 3`, `at most 5`, `3 to 5` */
export function rangeText(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined)
    return min === max ? countText(min) : `${countText(min)} to ${countText(max)}`;
  return min === undefined ? `at most ${countText(max ?? 0)}` : `at least ${countText(min)}`;
}
