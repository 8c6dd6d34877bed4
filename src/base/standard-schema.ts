import type { Json, JsonObject } from "./json.ts";

/** One complaint of a schema. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema answers: the value as it is to be used, or the complaints. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/**
 * Any schema that speaks Standard Schema version 1: zod, valibot, arktype and others.
 * `jsonSchema` is the optional Standard JSON Schema part, which gives the plan file its `input`.
 *
 * @see https://standardschema.dev
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly jsonSchema?:
      | {
          readonly input: (options: { readonly target: "draft-2020-12" }) => Record<string, unknown>;
          readonly output: (options: { readonly target: "draft-2020-12" }) => Record<string, unknown>;
        }
      | undefined;
  };
}

/** The type that goes into a schema. */
export type SchemaInput<S extends StandardSchema> = NonNullable<S["~standard"]["types"]>["input"];
/** The type that comes out of a schema. */
export type SchemaOutput<S extends StandardSchema> = NonNullable<S["~standard"]["types"]>["output"];

/** A JSON Schema (2020-12) as plain data. */
export type JsonSchema = JsonObject | boolean;

/** A schema that is written as JSON Schema; `T` is the caller's word for what it lets through. */
export type JsonSchemaOf<T extends Json> = StandardSchema<T, T> & { readonly schema: JsonSchema };
