// What a mutant is: one place in the sources, made wrong, and the specs that must notice.

export interface Mutant {
  /** What is wrong with it, in a few words. */
  readonly name: string
  /** The file, from the root of the repository. */
  readonly file: string
  /** Text that occurs exactly once in the file. */
  readonly find: string
  readonly replace: string
  /** Spec files, from the root, in the order to try them. */
  readonly specs: readonly string[]
}

/** Mutants of one file, watched by the same specs: `[name, find, replace]` each. */
export function mutantsOf(
  file: string,
  specs: readonly string[],
  changes: readonly (readonly [name: string, find: string, replace: string])[],
): Mutant[] {
  return changes.map(([name, find, replace]) => ({ name, file, find, replace, specs }))
}
