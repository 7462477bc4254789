/** GitHub refuses a larger job summary. */
export const SUMMARY_BYTES_MAX = 1024 * 1024;

/**
 * Keeps the sections that fit, in order, and says how many were left out.
 *
 * The first section holds the verdict and must fit by itself.
 *
 * @param bytesMax counts UTF-8 bytes, the closing notice included.
 * @throws {RangeError} when the first section does not fit.
 */
export function fitSummary(sections: readonly string[], bytesMax: number = SUMMARY_BYTES_MAX): string {
  for (let kept = sections.length; kept > 0; kept -= 1) {
    const omitted = sections.length - kept;
    const notice = omitted === 0 ? [] : [`_${omitted} more section${omitted === 1 ? '' : 's'} in the JSON report._`];
    const summary = `${[...sections.slice(0, kept), ...notice].join('\n\n')}\n`;
    if (Buffer.byteLength(summary) <= bytesMax) return summary;
  }
  throw new RangeError(`the verdict alone exceeds ${bytesMax} bytes`);
}
