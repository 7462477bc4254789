/** What equality between a snapshot and the live data leaves out on MatrixOne, one sentence part each. */
export const EQUALITY_LEAVES_OUT: readonly string[] = [
  'the exact next AUTO_INCREMENT value: a restore never lowers it',
  'rights on single tables and databases that were granted since',
  'the time at which objects were made',
];
