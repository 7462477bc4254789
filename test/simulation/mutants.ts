// Ways of being wrong, each of which the oracle must find. They stand at the ports, so that `src` stays as it is.

export const MUTANTS = [
  'no fsync',
  'no fsync of an intent',
  'an intent is written after its effect',
  'nothing is made quiet',
  'sessions are ended and not seen gone',
  'sessions of programs are left alone',
  'programs are left alone',
  'strays are left alone',
  'no marker is written',
  'what is in doubt is run again',
  'a lost connection is taken for a failure',
  'a proof that does not look',
  'a half-made snapshot is taken for a whole one',
  'DDL is taken for something that ROLLBACK undoes',
  'the last table is not restored',
  'snapshots are never dropped',
] as const;

export type Mutant = (typeof MUTANTS)[number];
