import { Fault, type ObjectKind } from '../../../kernel/index.ts';
import type { QueryResult } from '../../port.ts';
import type { Unreadable } from './model.ts';

/** Collects what could not be read, so that a refusal names all of it at once. */
export interface Notes {
  readonly unreadable: Unreadable[];
  hasGrants: boolean;
}

/** The result, or undefined and a note when the server does not let us read it. */
export async function readOrNote(
  notes: Notes,
  { object, name }: { readonly object: ObjectKind; readonly name: string },
  reading: Promise<QueryResult>,
): Promise<QueryResult | undefined> {
  try {
    return await reading;
  } catch (error) {
    // A routine that may not be seen is said not to exist (1305), which is a failed statement.
    const isExpected = error instanceof Fault && ['PRIVILEGE_MISSING', 'STATEMENT_FAILED'].includes(error.code);
    if (!isExpected) throw error;
    notes.unreadable.push({ object, name, reason: error.message });
    return undefined;
  }
}
