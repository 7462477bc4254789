/** Whether a number lies in a range whose ends count; a missing end is open. */
export function isWithin(value: number, min: number | undefined, max: number | undefined): boolean {
  return (min === undefined || value >= min) && (max === undefined || value <= max);
}

/** The sign that a change is written with: `+3`, `-2`, `+0`. */
export function signed(change: number): string {
  return change < 0 ? String(change) : `+${change}`;
}
