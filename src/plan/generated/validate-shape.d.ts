// Made by `npm run generate` from schemas/plan.v1.schema.json. Change that file, not this one.

export interface ShapeError {
  /** JSON pointer to the guilty value. */
  readonly instancePath: string;
  /** The rule that it breaks, as a place in the schema: `#/$defs/duration/pattern`. */
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Whether `value` has the shape of a plan. `errors` holds every rule that the last call found broken. */
export declare const validate: {
  (value: unknown): boolean;
  errors?: ShapeError[] | null;
};
export default validate;
