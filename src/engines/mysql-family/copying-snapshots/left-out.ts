/** What equality between a snapshot and live data leaves out on servers whose snapshots are copies. */
export const EQUALITY_LEAVES_OUT: readonly string[] = [
  'the order in which rows are stored, and hidden row ids',
  'when tables, triggers and routines were created or changed, and when events last ran',
  'events whose time has come since: they are gone, or disabled',
  'statistics and histograms of the optimizer',
  'values that a sequence holds in its cache',
  'users, roles and their rights, other than the rights on single routines',
];
